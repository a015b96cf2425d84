#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <string_view>

namespace tamis::docs {

/// What `pdftotext -htmlmeta -enc UTF-8` prints, as a document: title and metadata from its head, text from its body.
///
/// The text of a PDF file is lines on pages; here lines become paragraphs again: a line that is as long as the others
/// goes on in the next one, a hyphen at its end is taken out when the word goes on in lower case, a paragraph may cross
/// a page. Lines that stand at the top or bottom of page after page are left out, so are lone bullets; numbered
/// headings
/// ("2.1 Naming") become headings; ligatures become letters. Origins are pages. Linear but for a sort of line lengths.
[[nodiscard]] Result<ExtractedDocument> pdf_document(std::string_view output);

}  // namespace tamis::docs
