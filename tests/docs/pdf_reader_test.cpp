#include <gtest/gtest.h>
#include <tamis/docs/reader.h>

#include <cstdlib>
#include <random>

#include "docs/reading.h"
#include "pdf_text.h"

namespace tamis::docs {
namespace {

/// A valid PDF file: one text line after the other on each page, "" = an empty line.
std::string make_pdf(const std::vector<std::vector<std::string>>& pages, const std::string& title) {
  std::vector<std::string> objects(3);
  objects[2] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
  std::string kids;
  for (const auto& lines : pages) {
    std::string content = "BT /F1 10 Tf 12 TL 50 780 Td ";
    for (const auto& line : lines) content += "(" + line + ") Tj T* ";
    content += "ET";
    objects.push_back("<</Length " + std::to_string(content.size()) + ">>stream\n" + content + "\nendstream");
    objects.push_back("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 820]/Resources<</Font<</F1 3 0 R>>>>/Contents " +
                      std::to_string(objects.size()) + " 0 R>>");
    kids += std::to_string(objects.size()) + " 0 R ";
  }
  objects[0] = "<</Type/Catalog/Pages 2 0 R>>";
  objects[1] = "<</Type/Pages/Count " + std::to_string(pages.size()) + "/Kids[" + kids + "]>>";
  objects.push_back("<</Title(" + title + ")/Author(A <B>)/CreationDate(D:20240501100000Z)>>");
  std::string pdf = "%PDF-1.4\n", table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    std::string offset = std::to_string(pdf.size());
    table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::string count = std::to_string(objects.size() + 1);
  return pdf + "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer<</Size " + count +
         "/Root 1 0 R/Info " + std::to_string(objects.size()) + " 0 R>>\nstartxref\n" + std::to_string(pdf.size()) +
         "\n%%EOF\n";
}

bool pdftotext_is_there() { return std::system("pdftotext -v > /dev/null 2>&1") == 0; }

const std::vector<std::vector<std::string>> kPages = {
    {"1.1 Rotating logs", "", "Logs are rotated every week, and old ones are kept for four weeks before they",
     "are deleted by the next run.", "", "See also the manual."},
    {"Second page."}};

TEST(PdfReader, pages_title_and_metadata_come_through) {
  if (!pdftotext_is_there()) GTEST_SKIP() << "pdftotext is not installed: nothing is tested here";
  const auto document = read_one("x.pdf", make_pdf(kPages, "Logs & more"));
  EXPECT_EQ(document.title, "Logs & more");
  EXPECT_EQ(document.origin_kind, OriginKind::kPage);
  EXPECT_EQ(outline(document),
            "H2 1.1 Rotating logs\nP Logs are rotated every week, and old ones are kept for four weeks before they are "
            "deleted by the next run.|See also the manual.\nP Second page.\n");
  EXPECT_EQ(origin_of(document, static_cast<std::uint32_t>(document.text.find("deleted"))), 1U);
  EXPECT_EQ(origin_of(document, static_cast<std::uint32_t>(document.text.find("Second"))), 2U);
  ASSERT_EQ(document.metadata.size(), 2U);
  EXPECT_EQ(std::get<std::string>(document.metadata[0].value), "A <B>");
  EXPECT_EQ(std::get<Date>(document.metadata[1].value).seconds, 1714557600);
}

TEST(PdfReader, is_recognised_by_content) {
  if (!pdftotext_is_there()) GTEST_SKIP() << "pdftotext is not installed";
  EXPECT_EQ(read_bytes("unnamed", make_pdf(kPages, "T")).value().size(), 1U);
}

TEST(PdfReader, says_what_is_missing) {
  EXPECT_EQ(read_bytes("x.pdf", "no pdf\n").error().message, "not a PDF file: no %PDF- in the first 1024 bytes");
  const std::string old_path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const auto result = read_bytes("x.pdf", make_pdf(kPages, "T"));
  ::setenv("PATH", old_path.c_str(), 1);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Code::kUnsupported);
  EXPECT_EQ(result.error().message, "pdftotext is not installed (apt-get install poppler-utils)");
  if (!pdftotext_is_there()) return;
  EXPECT_EQ(read_bytes("x.pdf", make_pdf({{}}, "T")).error().message, "no text in it: scanned pages need OCR first");
  const auto broken = read_bytes("x.pdf", "%PDF-1.4\nnothing\n");
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().code, Code::kCorrupt);
  EXPECT_EQ(broken.error().message.rfind("pdftotext: ", 0), 0U) << broken.error().message;
}

TEST(PdfReader, survives_damaged_files) {
  if (!pdftotext_is_there()) GTEST_SKIP() << "pdftotext is not installed";
  const std::string pdf = make_pdf(kPages, "T");
  ReadOptions options;
  options.reader = "pdf";
  options.limits.external_seconds = 10;
  std::size_t read = 0;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const auto documents =
        read_bytes("x.pdf", mutated(pdf, rng, {"<<", ">>", "stream", "\xFF", "0 R", "9999999999"}), options);
    read += documents ? 1 : 0;
    const std::string message = documents ? "" : documents.error().message;
    EXPECT_EQ(message.find("extracted document"), std::string::npos) << "seed " << seed;
  }
  EXPECT_GT(read, 20U);
}

ExtractedDocument from_pages(const std::string& body) {
  auto document = pdf_document("<html>\n<head>\n</head>\n<body>\n<pre>\n" + body + "</pre>\n</body>\n</html>\n");
  EXPECT_TRUE(document.has_value());
  EXPECT_TRUE(check_document(*document).has_value());
  return std::move(*document);
}

TEST(PdfText, lines_become_paragraphs) {
  EXPECT_EQ(outline(from_pages("This is a line of the usual length, which goes on be-\n"
                               "low, and after it the paragraph has its last line.\n"
                               "Short.\n"
                               "int code(int x);\nreturn x;\n\n"
                               "\xE2\x80\xA2\n\n\xE2\x80\xA2 an item\n\xE2\x80\xA2 e\xEF\xAC\x83"
                               "cient soft\xC2\xADware\n")),
            "P This is a line of the usual length, which goes on below, and after it the paragraph has its last line.|"
            "Short.|int code(int x);|return x;\nL1 an item\nL1 efficient software\n");
}

TEST(PdfText, a_paragraph_may_cross_a_page_but_running_titles_do_not_come_along) {
  std::string body;
  const std::string kinds[] = {"first", "second", "third", "fourth"};
  for (int page = 1; page <= 4; ++page) {
    body += "The Manual\n\nthe text of the " + kinds[page - 1] + " page that is cut in the middle of a sen-\n" +
            "tence of usual length, with " + kinds[page - 1] + " words and so it goes on\n\n" + std::to_string(page) +
            "\n\f";
  }
  const auto document = from_pages(body);
  EXPECT_EQ(document.blocks.size(), 1U);
  EXPECT_EQ(document.text.find("Manual"), std::string::npos);
  EXPECT_EQ(document.text.find('2'), std::string::npos);
  std::uint32_t page = 0;
  for (std::size_t at = 0; (at = document.text.find("the text", at)) != std::string::npos; ++at) {
    EXPECT_EQ(origin_of(document, static_cast<std::uint32_t>(at)), ++page);
  }
  EXPECT_EQ(page, 4U);
}

TEST(PdfText, numbered_headings_are_headings_and_tables_of_contents_are_not) {
  EXPECT_EQ(outline(from_pages("2 Usage\n\n2.1 Naming\n\nThis is the long text of the section, it has full lines\n\n"
                               "2.2 Parsing . . . . . . . . . . 7\n\n3 Apples are eaten.\n\n2024.05 May\n")),
            "H1 2 Usage\nH2 2.1 Naming\nP This is the long text of the section, it has full lines\n"
            "P 2.2 Parsing \xE2\x80\xA6 7\nP 3 Apples are eaten.\nP 2024.05 May\n");
}

TEST(PdfText, survives_damaged_output) {
  const std::string seed_text =
      "<head>\n<title>T &amp; U</title>\n<meta name=\"Author\" content=\"X\"/>\n</head>\n<body>\n<pre>\n1 Head\n\nLine "
      "one "
      "of text that is long\nand goes on-\nward.\n\n\xE2\x80\xA2 item\n\f2\nmore \xEF\xAC\x81 "
      "text\n\f</pre>\n</body>\n</html>\n";
  for (std::uint32_t seed = 0; seed < 10000; ++seed) {
    std::mt19937 rng(seed);
    const auto output =
        mutated(seed_text, rng, {"\f", "\xEF\xAC", "<pre>\n", "</pre>", "-\n", "\xFF", "1.1 A", "\xE2\x80\xA2"});
    const auto document = pdf_document(output);
    if (!document) continue;
    const auto status = check_document(*document);
    ASSERT_TRUE(status.has_value()) << "seed " << seed << ": " << status.error().message;
  }
}

}  // namespace
}  // namespace tamis::docs
