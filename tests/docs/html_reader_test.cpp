#include <gtest/gtest.h>

#include "reading.h"

namespace tamis::docs {
namespace {

std::string html_outline(std::string_view html) { return outline(read_one("page.html", html)); }

TEST(HtmlReader, reads_the_structure_of_a_page) {
  EXPECT_EQ(html_outline(
                "<html><head><title>T</title><style>p { color: red }</style></head><body>"
                "<h1>One <em>big</em>\n  title</h1><p>First   <b>bold</b>text<br>next line."
                "<p>Second <code>x &lt; y</code> &amp; more<ul><li>a<li>b <ol><li>c</ol></ul>"
                "<blockquote>said</blockquote><pre>\n  if (a)\n    b &lt; c;\n</pre>"
                "<table><tr><th>k<th>v</tr><tr><td>1</td><td><p>one</p><p>two</p></td></table>"
                "<script>if (a < b) document.write('<p>no</p>')</script><dl><dt>term<dd>meaning</dl>end</body></html>"),
            "H1 One big title\n"
            "P First boldtext|next line.\n"
            "P Second x < y & more\n"
            "L1 a\nL1 b\nL2 c\n"
            "Q said\n"
            "C   if (a)|    b < c;\n"
            "T k | v|1 | one two\n"
            "L1 term\nL1 meaning\n"
            "P end\n");
}

TEST(HtmlReader, knows_title_language_and_metadata) {
  const auto document = read_one("page.html",
                                 "<!DOCTYPE html><html lang=de-CH><head><title>\n A &ndash;  B </title>"
                                 "<meta name=\"Author\" content=\"Ada\"><meta name=date content='2024-05-01'>"
                                 "<meta name=viewport content=x></head><body><p>text");
  EXPECT_EQ(document.title, "A – B");
  EXPECT_EQ(document.language, "de");
  ASSERT_EQ(document.metadata.size(), 2U);
  EXPECT_EQ(document.metadata[0].name, "author");
  EXPECT_TRUE(std::holds_alternative<Date>(document.metadata[1].value));
  EXPECT_EQ(read_one("page.html", "<h1>Only <i>this</i></h1>text").title, "Only this");
}

TEST(HtmlReader, leaves_out_what_is_not_the_page) {
  EXPECT_EQ(html_outline("<body><nav>menu</nav><div class='x sphinxsidebar y'><div>side</div>bar</div>"
                         "<h2>Head<a class=\"headerlink\" href=\"#head\">¶</a></h2><p>Text<a href=#t>&para;</a></p>"
                         "<div role=navigation>next</div><p hidden>gone</p><p style='color:red; display: none'>gone</p>"
                         "<noscript><p>gone</noscript><!-- <p>gone --><select><option>gone</select>"
                         "<svg><text>gone</text></svg><div id=footer>foot</div>"),
            "H2 Head\nP Text\n");
}

TEST(HtmlReader, reads_the_main_part_where_there_is_one) {
  EXPECT_EQ(html_outline("<div>head</div><main><div>a</div><p>b</main><div>foot</div>"), "P a\nP b\n");
  EXPECT_EQ(html_outline("<div>head</div><div class=body role=\"main\"><div>a</div>b</div>foot"), "P a\nP b\n");
  EXPECT_EQ(html_outline("<script>'<main>'</script><p>all the same"), "P all the same\n");
}

TEST(HtmlReader, rules_that_would_empty_a_page_are_dropped) {
  EXPECT_EQ(html_outline("<nav><p>only a menu</nav>"), "");
  EXPECT_EQ(html_outline("<div class=sidebar><p>all of it</div>"), "P all of it\n");
  EXPECT_EQ(html_outline("<p>start<div class=sidebar><p>never closed"), "P start\nP never closed\n");
  EXPECT_EQ(html_outline("<main></main><p>beside"), "P beside\n");
}

TEST(HtmlReader, tables_for_the_layout_are_read_as_paragraphs) {
  EXPECT_EQ(html_outline("<table><tr><td><h1>Title</h1></td></tr><tr><td>one</td><td>two</td></tr></table>"),
            "H1 Title\nP one\nP two\n");
  EXPECT_EQ(html_outline("<table><tr><td><table><tr><td>a<td>b</table></table>"), "P a\nP b\n");
}

TEST(HtmlReader, signatures_head_their_description_and_notes_do_not) {
  EXPECT_EQ(
      html_outline("<h1>Module</h1><dl class='py class'><dt class='sig sig-object py'>class A(x)</dt><dd><p>About A."
                   "<dl><dt class='sig sig-object py'>run()</dt><dd>Runs.</dd></dl></dd></dl>"),
      "H1 Module\nH2 class A(x)\nL1 About A.\nH3 run()\nL2 Runs.\n");
  EXPECT_EQ(html_outline("<h2>Part</h2><div class=note><h3>Note</h3><p>Beware.</div><h3>Sub</h3>"),
            "H2 Part\nP Note\nP Beware.\nH3 Sub\n");
}

TEST(HtmlReader, what_is_never_closed_does_not_swallow_the_rest) {
  EXPECT_EQ(html_outline("<h1>Title<p>text<h2>Two<ul><li>x"), "H1 Title\nP text\nH2 Two\nL1 x\n");
  EXPECT_EQ(html_outline("<title>T<p>text"), "P text\n");
  EXPECT_EQ(html_outline("a < b and c<d <3 </> & &nosuch; <p"), "P a < b and c & &nosuch;\n")
      << "\"<d <3 </>\" is one tag";
  EXPECT_EQ(html_outline("x<!-- never ends <p>y"), "P x\n");
  EXPECT_EQ(html_outline("</ul></table></h1><p>text</pre>more"), "P text\nP more\n");
}

TEST(HtmlReader, honours_the_declared_encoding) {
  EXPECT_EQ(html_outline("<meta charset=\"koi8-r\"><p>\xD0\xD2\xC9\xD7\xC5\xD4"), "P привет\n");
  EXPECT_EQ(html_outline("<meta http-equiv=x content='text/html; charset=windows-1251'><p>\xEF\xF0\xE8\xE2\xE5\xF2"),
            "P привет\n");
  EXPECT_EQ(html_outline("<meta charset=koi8-r><p>schön"), "P schön\n");
}

TEST(HtmlReader, is_chosen_by_content) {
  EXPECT_EQ(outline(read_one("page", "<?xml version=\"1.0\"?>\n<!DOCTYPE HTML>\n<p>x")), "P x\n");
  EXPECT_EQ(outline(read_one("page", "text about <html> in a sentence")), "P text about <html> in a sentence\n");
}

std::string random_page(std::mt19937& rng) {
  static constexpr std::string_view kTags[] = {"<p>",
                                               "</p>",
                                               "<div>",
                                               "</div>",
                                               "<b>",
                                               "</b>",
                                               "<br>",
                                               "<ul>",
                                               "<li>",
                                               "</ul>",
                                               "<pre>",
                                               "</pre>",
                                               "<table>",
                                               "<tr>",
                                               "<td>",
                                               "</table>",
                                               "<h2>",
                                               "</h2>",
                                               "<blockquote>",
                                               "</blockquote>",
                                               "<a\nhref='x'>",
                                               "</a>",
                                               "<!--\n-->",
                                               "<img\nalt='two words'>",
                                               "<script>\n</script>",
                                               "<dl><dt>",
                                               "<dd>",
                                               "</dl>",
                                               "<span title=\"a\nb\">",
                                               "</span>"};
  std::string page;
  unsigned word = 0;
  for (auto pieces = 1 + rng() % 60; pieces > 0; --pieces) {
    switch (rng() % 4) {
      case 0:
        page += kTags[rng() % std::size(kTags)];
        break;
      case 1:
        page += "\n  \t&amp; &nbsp;"[rng() % 2 == 0 ? 0 : 1];
        break;
      case 2:
        page += " \n";
        break;
      default:
        page += 'w' + std::to_string(word++) + "x ";
    }
  }
  return page + " w999x";
}

TEST(HtmlReader, every_word_is_said_to_stand_on_its_line) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    const std::string page = random_page(rng);
    expect_right_lines(page, read_one("page.html", page), "seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(HtmlReader, no_word_of_a_plain_page_is_lost_or_doubled) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const std::string page = random_page(rng);
    const auto document = read_one("page.html", page);
    std::size_t at = 0;
    for (std::size_t in_page = page.find('w'); in_page != std::string::npos; in_page = page.find('w', in_page + 1)) {
      const std::size_t end = page.find_first_not_of("0123456789", in_page + 1);
      if (end == in_page + 1 || end == std::string::npos || page[end] != 'x') continue;
      const std::string word = page.substr(in_page, end + 1 - in_page);
      at = document.text.find(word, at);
      ASSERT_NE(at, std::string::npos) << word << " seed " << seed << "\n" << page;
      at += word.size();
    }
  }
}

TEST(HtmlReader, a_million_levels_end_at_the_limit) {
  for (const std::string_view tag :
       {"<div>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<section><p>", "<dl><dd>"}) {
    std::string page;
    for (int i = 0; i < 1000000; ++i) page += tag;
    const auto documents = read_bytes("deep.html", page);
    ASSERT_FALSE(documents.has_value()) << tag;
    EXPECT_EQ(documents.error().code, Code::kExhausted);
    EXPECT_NE(documents.error().message.find("nesting"), std::string::npos);
  }
  for (const std::string_view tag :
       {"<b>", "<p>", "<li>", "<span x=1>", "<td>", "<nav>", "<h1>", "<font>", "<a href=x>"}) {
    std::string page;
    for (int i = 0; i < 1000000; ++i) page += tag;
    ASSERT_TRUE(read_bytes("deep.html", page).has_value()) << tag;
  }
}

TEST(HtmlReader, no_input_takes_more_than_linear_time) {
  expect_no_blow_up("html", {"<!--",
                             "<a <a",
                             "<a b='",
                             "<a b=\"x",
                             "<script>",
                             "</script",
                             "&",
                             "&#",
                             "&amp",
                             "<",
                             "</",
                             "<!",
                             "<?",
                             "x\n",
                             "<title>",
                             "<pre>a\n",
                             "<table>",
                             "<h1>a",
                             "<main>",
                             "<div class=sidebar>",
                             "<td>x",
                             "<ul></ol></dl>",
                             "<p class='a b c d e f g h'>",
                             "<x a a a a a a>",
                             "</a>",
                             "<img alt='a b'>",
                             "\xC2\xAD",
                             "<meta name=author content=x>"});
}

TEST(HtmlReader, survives_ten_thousand_damaged_pages) {
  expect_survives_mutation(
      "html",
      {"<!DOCTYPE html><html lang=en><head><title>A &amp; B</title><meta "
       "charset=utf-8></head><body><main><h1>One</h1><p>Text "
       "with <b>bold</b>, <a href='x'>a link</a> and &eacute;&#233;&#xE9;.</p><ul><li>a<li>b</ul><pre>code\n  "
       "more</pre></main></body></html>",
       "<table class=\"x y\"><caption>C</caption><tr><th>a<th>b<tr><td>1<td>2</table><blockquote><p>q</blockquote><img "
       "alt='an image'>",
       "<dl><dt class='sig sig-object'>f(x)</dt><dd><div class=note><h3>Note</h3>n</div></dd></dl><div "
       "class=fragment><div>l</div></div>"},
      {"<",
       ">",
       "</",
       "<!--",
       "-->",
       "<pre>",
       "</pre>",
       "<table>",
       "</table>",
       "<td>",
       "<h1>",
       "</h1>",
       "<main>",
       "</main>",
       "<script>",
       "</script>",
       "<title>",
       "&",
       "&#",
       ";",
       "\"",
       "'",
       "=",
       "/>",
       "<div class=fragment>",
       "</div>",
       "<ul>",
       "</ul>",
       "<dt class='sig '>",
       "\xC3",
       "\xFF\xFE",
       "\r",
       "<nav>",
       "</nav>",
       " hidden "});
}

}  // namespace
}  // namespace tamis::docs
