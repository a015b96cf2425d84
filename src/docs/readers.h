#pragma once

#include <tamis/docs/reader.h>

// One function a format, one file a function: src/docs/<name>_reader.cpp. readers.cpp lists them.
namespace tamis::docs {

const Reader& text_reader();
const Reader& markdown_reader();
const Reader& rst_reader();
const Reader& html_reader();
const Reader& man_reader();
const Reader& source_reader();
const Reader& pdf_reader();
const Reader& docx_reader();
const Reader& csv_reader();
const Reader& jsonl_reader();

}  // namespace tamis::docs
