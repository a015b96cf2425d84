#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <string_view>

namespace tamis::docs {

/// The attributes of an element, by local name, valid during the call.
class XmlAttributes {
 public:
  XmlAttributes(const unsigned char* const* raw, int count) : raw_(raw), count_(count) {}
  /// "" when there is none. Character references are resolved.
  [[nodiscard]] std::string_view get(std::string_view local_name) const noexcept;

 private:
  const unsigned char* const* raw_;  // five pointers each: name, prefix, namespace, value, end of value
  int count_;
};

/// Receives a document as it is read. Names come without their prefix; text comes in pieces of valid UTF-8.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void end(std::string_view name) = 0;
  virtual void text(std::string_view piece) = 0;
};

/// Reads XML without building a tree. Nothing outside of the bytes is ever loaded and no entity is expanded but the
/// five of XML itself: a document type declaration is refused.
/// @par Errors  kCorrupt with the line; kUnsupported for a document type; kExhausted for elements nested deeper than
///              `nesting` (or 256, the parser's own limit)
[[nodiscard]] Status parse_xml(std::string_view xml, std::uint32_t nesting, XmlHandler& handler);

}  // namespace tamis::docs
