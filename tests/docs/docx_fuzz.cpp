#include "docs/fuzzing.h"
#include "docx_body.h"
#include "office_text.h"

namespace {

/// The XML of the body without the zip file around it, which a fuzzer would rarely get right.
template <class Body>
void fuzz_body(Body& body, tamis::docs::OfficeText& text, std::string_view xml) {
  if (!tamis::docs::parse_xml(xml, 100, body)) return;
  const auto document = text.finish();
  if (!document) return;
  if (const auto status = check_document(*document); !status) {
    tamis::docs::broken_law("sound documents", status.error().message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::docs;
  if (size == 0) return 0;
  const std::string_view xml(reinterpret_cast<const char*>(data) + 1, size - 1);
  OfficeText text;
  if (data[0] == 0) {
    fuzz_reader("docx", data + 1, size - 1);
  } else if (data[0] == 1) {
    static_cast<void>(DocxStyles::parse(xml, 100));
  } else if (data[0] == 2) {
    OdtBody body(text);
    fuzz_body(body, text, xml);
  } else {
    const DocxStyles styles;
    DocxBody body(styles, text);
    fuzz_body(body, text, xml);
  }
  return 0;
}
