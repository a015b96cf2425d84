#include <gtest/gtest.h>
#include <tamis/docs/reader.h>

#include <random>

#include "docs/make_zip.h"
#include "docs/reading.h"
#include "xml_events.h"

namespace tamis::docs {
namespace {

std::string run(const std::string& text) { return "<w:r><w:t xml:space=\"preserve\">" + text + "</w:t></w:r>"; }
std::string paragraph(const std::string& text, const std::string& properties = "") {
  return "<w:p>" + (properties.empty() ? "" : "<w:pPr>" + properties + "</w:pPr>") + run(text) + "</w:p>";
}
std::string styled(const std::string& style, const std::string& text) {
  return paragraph(text, "<w:pStyle w:val=\"" + style + "\"/>");
}

const std::string kStyles =
    "<w:styles xmlns:w=\"w\">"
    "<w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>"
    "<w:style w:styleId=\"Mine\"><w:name w:val=\"My heading\"/><w:basedOn w:val=\"Base\"/></w:style>"
    "<w:style w:styleId=\"Base\"><w:name w:val=\"Base\"/><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr></w:style>"
    "<w:style w:styleId=\"Loop\"><w:name w:val=\"x\"/><w:basedOn w:val=\"Loop\"/></w:style>"
    "<w:style w:styleId=\"Titel\"><w:name w:val=\"Title\"/></w:style>"
    "<w:style w:styleId=\"Verzeichnis1\"><w:name w:val=\"toc 1\"/></w:style>"
    "<w:style w:styleId=\"Punkte\"><w:name w:val=\"List Bullet\"/></w:style>"
    "</w:styles>";

TEST(DocxReader, structure_comes_through) {
  const std::string body =
      styled("Titel", "The Title") + styled("Verzeichnis1", "Chapter ... 1") + styled("berschrift1", "Chapter") +
      "<w:p>" + run("One &amp; ") + run("two") + "<w:r><w:tab/><w:t>three</w:t><w:br/><w:t>four</w:t></w:r></w:p>" +
      styled("Mine", "Section") + paragraph("item", "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>") +
      paragraph("deeper", "<w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"1\"/></w:numPr>") +
      styled("Punkte", "bullet") + paragraph("own level", "<w:outlineLvl w:val=\"2\"/>") + styled("Loop", "plain");
  const auto document = read_one("x.docx", make_docx(body, {{"word/styles.xml", kStyles}}));
  EXPECT_EQ(outline(document),
            "H1 The Title\nH1 Chapter\nP One & two\tthree|four\nH2 Section\nL1 item\nL2 deeper\nL1 bullet\n"
            "H3 own level\nP plain\n");
  EXPECT_EQ(document.title, "The Title");
  EXPECT_EQ(document.encoding, "UTF-8");
  EXPECT_EQ(origin_of(document, static_cast<std::uint32_t>(document.text.find("two"))), 4U) << "paragraph numbers";
  EXPECT_EQ(origin_of(document, static_cast<std::uint32_t>(document.text.find("four"))), 4U);
  EXPECT_EQ(origin_of(document, static_cast<std::uint32_t>(document.text.find("plain"))), 10U);
}

TEST(DocxReader, a_table_is_one_block_with_a_row_a_line) {
  const auto cell = [](const std::string& content) { return "<w:tc><w:tcPr/>" + content + "</w:tc>"; };
  const std::string inner = "<w:tbl><w:tr>" + cell(paragraph("in")) + cell(paragraph("ner")) + "</w:tr></w:tbl>";
  const auto document =
      read_one("x.docx", make_docx(paragraph("before") + "<w:tbl><w:tr>" + cell(paragraph("a") + paragraph("b")) +
                                   cell(paragraph("c")) + "</w:tr><w:tr>" + cell("") + cell("") + "</w:tr><w:tr>" +
                                   cell(inner) + cell(paragraph("d")) + "</w:tr></w:tbl>" + paragraph("after")));
  EXPECT_EQ(outline(document), "P before\nT a b | c|in ner | d\nP after\n");
}

TEST(DocxReader, what_is_not_text_is_left_out) {
  const std::string body =
      "<w:p><w:r><w:rPr><w:t>no</w:t></w:rPr><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
      "<w:r><w:instrText>PAGE</w:instrText></w:r><mc:AlternateContent><mc:Choice><w:p>" +
      run("box") + "</w:p></mc:Choice><mc:Fallback><w:p>" + run("box twice") +
      "</w:p></mc:Fallback></mc:AlternateContent>" + "<w:ins>" + run(" added") + "</w:ins></w:p>";
  EXPECT_EQ(outline(read_one("x.docx", make_docx(body))), "P box\nP kept added\n");
}

TEST(DocxReader, footnotes_and_properties_are_read) {
  const std::string notes = "<w:footnotes xmlns:w=\"w\"><w:footnote w:type=\"separator\" w:id=\"0\">" +
                            paragraph("---") + "</w:footnote><w:footnote w:id=\"1\">" + paragraph("A note.") +
                            "</w:footnote></w:footnotes>";
  const std::string core =
      "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\" xmlns:dcterms=\"t\"><dc:title>Core\n title</dc:title>"
      "<dc:creator>Me</dc:creator><dcterms:created>2024-05-01T10:00:00Z</dcterms:created><dc:language>de-CH</"
      "dc:language>"
      "</cp:coreProperties>";
  const auto document =
      read_one("x.docx", make_docx(paragraph("Text."), {{"word/footnotes.xml", notes}, {"docProps/core.xml", core}}));
  EXPECT_EQ(outline(document), "P Text.\nP A note.\n");
  EXPECT_EQ(document.title, "Core title");
  EXPECT_EQ(document.language, "de");
  ASSERT_EQ(document.metadata.size(), 2U);
  EXPECT_EQ(std::get<std::string>(document.metadata[0].value), "Me");
  EXPECT_EQ(std::get<Date>(document.metadata[1].value).seconds, 1714557600);
}

TEST(DocxReader, the_main_part_is_found_by_its_relation) {
  const std::string relations =
      "<Relationships><Relationship Type=\"http://x/officeDocument\" Target=\"/word/document2.xml\"/></Relationships>";
  const auto bytes = make_zip({{"[Content_Types].xml", "<Types/>"},
                               {"_rels/.rels", relations},
                               {"word/document2.xml", kDocxOpen + paragraph("found") + kDocxClose}});
  EXPECT_EQ(read_one("x.docx", bytes).text, "found");
  EXPECT_EQ(read_one("unnamed", bytes).text, "found") << "recognised by content";
}

TEST(DocxReader, open_document_texts_are_read) {
  const std::string content =
      "<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\"><office:body><office:text>"
      "<text:table-of-content><text:p>Chapter 1</text:p></text:table-of-content>"
      "<text:h text:outline-level=\"2\">Chapter</text:h><text:p>One\n   two<text:s "
      "text:c=\"2\"/>three<text:line-break/>four"
      "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Note.</text:p></text:note-body>"
      "</text:note></text:p><text:list><text:list-item><text:p>item</text:p><text:list><text:list-item>"
      "<text:p>deep</text:p></text:list-item></text:list></text:list-item></text:list><table:table><table:table-row>"
      "<table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell>"
      "</table:table-row></table:table></office:text></office:body></office:document-content>";
  const std::string meta = "<m xmlns:dc=\"d\"><dc:title>T</dc:title><k>x</k></m>";
  const auto bytes =
      make_zip({{"mimetype", "application/vnd.oasis.opendocument.text"}, {"content.xml", content}, {"meta.xml", meta}});
  const auto document = read_one("x.odt", bytes);
  EXPECT_EQ(outline(document), "H2 Chapter\nP Note.\nP One two  three|four\nL1 item\nL2 deep\nT a | b\n");
  EXPECT_EQ(document.title, "T");
}

TEST(DocxReader, bombs_end_at_the_limits) {
  ReadOptions options;
  options.limits.file_bytes = 1U << 20U;
  const std::string spaces(4U << 20U, ' ');
  auto documents = read_bytes("x.docx", make_docx(paragraph("a") + spaces), options);
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, Code::kExhausted);
  EXPECT_NE(documents.error().message.find("word/document.xml: longer than"), std::string::npos);
  // Spread over parts, each below the limit.
  const std::string half(600U << 10U, ' ');
  documents = read_bytes(
      "x.docx",
      make_docx(paragraph("a"), {{"word/styles.xml", kStyles + half}, {"word/footnotes.xml", "<f>" + half + "</f>"}}),
      options);
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, Code::kExhausted);
  std::string deep, ends;
  for (int i = 0; i < 100'000; ++i) {
    deep += "<w:p>";
    ends += "</w:p>";
  }
  documents = read_bytes("x.docx", make_docx(deep + ends));
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, Code::kExhausted) << documents.error().message;
}

TEST(DocxReader, entities_and_document_types_are_refused) {
  const std::string laughs =
      "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY f SYSTEM "
      "\"file:///etc/passwd\">]><w:document xmlns:w=\"w\"><w:p><w:r><w:t>&b;&f;</w:t></w:r></w:p></w:document>";
  auto documents = read_bytes("x.docx", make_zip({{"[Content_Types].xml", "<Types/>"}, {"word/document.xml", laughs}}));
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().message, "word/document.xml: XML with a document type declaration");
  documents = read_bytes("x.docx", make_docx(paragraph("&unknown;")));
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, Code::kCorrupt);
}

TEST(DocxReader, other_files_are_named) {
  ReadOptions docx;
  docx.reader = "docx";
  EXPECT_EQ(read_bytes("x.docx", "PK but no zip", docx).error().code, Code::kCorrupt);
  EXPECT_EQ(
      read_bytes("x.xlsx", make_zip({{"[Content_Types].xml", "<x/>"}, {"xl/workbook.xml", "<x/>"}})).error().message,
      "not a Word document: no word/document.xml in it");
  EXPECT_EQ(read_bytes("x.jar", make_zip({{"META-INF/MANIFEST.MF", "x"}})).error().message, "binary file");
  EXPECT_EQ(read_bytes("x.docx", std::string_view("\xD0\xCF\x11\xE0\0\1\2", 7)).error().code, Code::kUnsupported);
}

TEST(XmlEvents, text_comes_whole_whatever_the_pieces) {
  class Collect final : public XmlHandler {
   public:
    void start(std::string_view name, const XmlAttributes& attributes) override {
      out.append("<").append(name).append(" ").append(attributes.get("k")).append(">");
    }
    void end(std::string_view name) override { out.append("</").append(name).append(">"); }
    void text(std::string_view piece) override { out += piece; }
    std::string out;
  };
  Collect handler;
  const std::string long_text(200'000, 'x');
  const auto status =
      parse_xml("<a p:k=\"1&amp;2\" xmlns:p=\"q\"><![CDATA[<raw>]]>&lt;&#233;" + long_text + "</a>", 10, handler);
  EXPECT_TRUE(status.has_value());
  EXPECT_EQ(handler.out.substr(0, 20), "<a 1&2><raw><\xC3\xA9xxxxx");
  EXPECT_TRUE(handler.out == "<a 1&2><raw><\xC3\xA9" + long_text + "</a>");
  EXPECT_EQ(parse_xml("<a><b></a>", 10, handler).error().code, Code::kCorrupt);
  EXPECT_EQ(parse_xml("", 10, handler).error().code, Code::kCorrupt);
  EXPECT_EQ(parse_xml("<a><b><c/></b></a>", 2, handler).error().code, Code::kExhausted);
}

TEST(DocxReader, survives_damaged_input) {
  const std::string body = styled("berschrift1", "Head") + paragraph("Some text") + "<w:tbl><w:tr><w:tc>" +
                           paragraph("cell") + "</w:tc></w:tr></w:tbl>" +
                           paragraph("item", "<w:numPr><w:ilvl w:val=\"3\"/><w:numId w:val=\"1\"/></w:numPr>");
  const std::string whole = make_docx(body, {{"word/styles.xml", kStyles}});
  std::size_t read = 0;
  for (std::uint32_t seed = 0; seed < 10000; ++seed) {
    std::mt19937 rng(seed);
    std::string bytes;
    if (seed % 2 == 0) {  // the zip file itself
      bytes = mutated(whole, rng, {"PK\x01\x02", "PK\x05\x06", "\xFF\xFF\xFF\xFF"});
    } else {  // the XML inside of a good zip file
      const std::vector<std::string_view> pieces = {"<w:p>",
                                                    "</w:p>",
                                                    "<w:tc>",
                                                    "</w:tr>",
                                                    "<w:tbl>",
                                                    "</w:tbl>",
                                                    "&#1;",
                                                    "&#xD;",
                                                    "<w:t>",
                                                    "\xFF",
                                                    "<w:ilvl w:val=\"-5\"/>"};
      const bool styles = rng() % 4 == 0;
      // Balanced enough that some of it is read: whole elements are dropped in.
      std::string damaged = styles ? mutated(kStyles, rng, pieces) : mutated(body, rng, pieces);
      if (!styles && rng() % 2 == 0) {
        damaged = body;
        damaged.insert(damaged.find("<w:tbl>"),
                       "<w:tbl><w:p/><w:tr><w:p><w:p>" + run("x&#13;y") + "</w:p></w:p></w:tr></w:tbl>");
      }
      bytes = make_docx(styles ? body : damaged, {{"word/styles.xml", styles ? damaged : kStyles}});
    }
    ReadOptions options;
    options.reader = "docx";
    const auto documents = read_bytes("x.docx", bytes, options);
    read += documents ? 1 : 0;
    const std::string message = documents ? "" : documents.error().message;
    ASSERT_EQ(message.find("extracted document"), std::string::npos) << "seed " << seed << ": " << message;
  }
  EXPECT_GT(read, 1000U);
}

}  // namespace
}  // namespace tamis::docs
