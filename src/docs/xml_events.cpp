#include "xml_events.h"

#include <fmt/format.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string>

namespace tamis::docs {
namespace {

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

struct FreeContext {
  void operator()(xmlParserCtxt* context) const {
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    xmlFreeParserCtxt(context);
  }
};

/// What the callbacks share. An exception must not cross the parser's C frames: it ends the parsing instead.
struct Parsing {
  XmlHandler& handler;
  std::uint32_t nesting;
  xmlParserCtxt* context = nullptr;
  std::uint32_t depth = 0;
  Status status = ok();

  void stop(Error error) {
    if (status) status = std::move(error);
    xmlStopParser(context);
  }
  template <class Work>
  void guarded(Work&& work) noexcept {
    if (!status) return;
    try {
      work();
    } catch (const std::bad_alloc&) {
      stop({Code::kExhausted, "not enough memory"});
    }
  }
};

Parsing& parsing(void* user) { return *static_cast<Parsing*>(user); }

void on_start(void* user, const xmlChar* name, const xmlChar*, const xmlChar*, int, const xmlChar**, int num_attributes,
              int, const xmlChar** attributes) {
  auto& p = parsing(user);
  p.guarded([&] {
    if (++p.depth > p.nesting) {
      return p.stop({Code::kExhausted, fmt::format("elements nested deeper than {} (limit nesting)", p.nesting)});
    }
    p.handler.start(view(name), XmlAttributes(attributes, num_attributes));
  });
}
void on_end(void* user, const xmlChar* name, const xmlChar*, const xmlChar*) {
  auto& p = parsing(user);
  p.guarded([&] {
    --p.depth;
    p.handler.end(view(name));
  });
}
void on_text(void* user, const xmlChar* text, int size) {
  auto& p = parsing(user);
  p.guarded([&] { p.handler.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)}); });
}
void on_document_type(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
  auto& p = parsing(user);
  p.guarded([&] { p.stop({Code::kUnsupported, "XML with a document type declaration"}); });
}
void on_error(void* user, xmlErrorPtr error) {
  auto& p = parsing(user);
  p.guarded([&] {
    if (error == nullptr || error->level < XML_ERR_FATAL) return;
    std::string message = error->message == nullptr ? "" : error->message;
    while (!message.empty() && message.back() == '\n') message.pop_back();
    const bool deep = message.find("depth") != std::string::npos;
    p.stop({deep ? Code::kExhausted : Code::kCorrupt, fmt::format("XML line {}: {}", error->line, message)});
  });
}

}  // namespace

std::string_view XmlAttributes::get(std::string_view local_name) const noexcept {
  for (int i = 0; i < count_; ++i) {
    const auto* const* attribute = raw_ + 5 * i;
    if (view(attribute[0]) != local_name) continue;
    return {reinterpret_cast<const char*>(attribute[3]), static_cast<std::size_t>(attribute[4] - attribute[3])};
  }
  return {};
}

Status parse_xml(std::string_view xml, std::uint32_t nesting, XmlHandler& handler) {
  static const bool kInitialised = (xmlInitParser(), true);
  static_cast<void>(kInitialised);
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  sax.characters = on_text;
  sax.ignorableWhitespace = on_text;
  sax.cdataBlock = on_text;
  sax.internalSubset = on_document_type;
  sax.serror = on_error;
  Parsing state{handler, nesting};
  const std::unique_ptr<xmlParserCtxt, FreeContext> context(xmlCreatePushParserCtxt(&sax, &state, nullptr, 0, nullptr));
  if (!context) return Error{Code::kExhausted, "not enough memory"};
  state.context = context.get();
  // NOENT resolves &amp; in attributes too; other entities cannot exist without a document type.
  xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_NOENT);
  constexpr std::size_t kStep = std::size_t{64} << 10U;
  for (std::size_t at = 0; at < xml.size() && state.status; at += kStep) {
    const auto piece = xml.substr(at, kStep);
    xmlParseChunk(context.get(), piece.data(), static_cast<int>(piece.size()), 0);
  }
  if (state.status) xmlParseChunk(context.get(), nullptr, 0, 1);
  if (state.status && context->wellFormed == 0) return Error{Code::kCorrupt, "XML that is not well-formed"};
  return state.status;
}

}  // namespace tamis::docs
