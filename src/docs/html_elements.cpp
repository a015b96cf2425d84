#include "html_elements.h"

#include <algorithm>
#include <array>

#include "html_tokenizer.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

using K = ElementKind;

// Every element that is more than inline, sorted by name: kind, level, raw, void.
constexpr Element kElements[] = {
    {"address", K::kBlock, 0, false, false},  {"annotation", K::kSkip, 0, false, false},
    {"area", K::kInline, 0, false, true},     {"article", K::kBlock, 0, false, false},
    {"aside", K::kBlock, 0, false, false},    {"audio", K::kSkip, 0, false, false},
    {"base", K::kInline, 0, false, true},     {"blockquote", K::kQuote, 0, false, false},
    {"body", K::kBlock, 0, false, false},     {"br", K::kBreak, 0, false, true},
    {"button", K::kSkip, 0, false, false},    {"canvas", K::kSkip, 0, false, false},
    {"caption", K::kRow, 0, false, false},    {"center", K::kBlock, 0, false, false},
    {"col", K::kInline, 0, false, true},      {"datalist", K::kSkip, 0, false, false},
    {"dd", K::kItem, 0, false, false},        {"details", K::kBlock, 0, false, false},
    {"dialog", K::kSkip, 0, false, false},    {"dir", K::kList, 0, false, false},
    {"div", K::kBlock, 0, false, false},      {"dl", K::kTerms, 0, false, false},
    {"dt", K::kItem, 0, false, false},        {"embed", K::kInline, 0, false, true},
    {"fieldset", K::kBlock, 0, false, false}, {"figcaption", K::kBlock, 0, false, false},
    {"figure", K::kBlock, 0, false, false},   {"footer", K::kSkip, 0, false, false},
    {"form", K::kBlock, 0, false, false},     {"frameset", K::kBlock, 0, false, false},
    {"h1", K::kHeading, 1, false, false},     {"h2", K::kHeading, 2, false, false},
    {"h3", K::kHeading, 3, false, false},     {"h4", K::kHeading, 4, false, false},
    {"h5", K::kHeading, 5, false, false},     {"h6", K::kHeading, 6, false, false},
    {"header", K::kBlock, 0, false, false},   {"hgroup", K::kBlock, 0, false, false},
    {"hr", K::kBlock, 0, false, true},        {"html", K::kHtml, 0, false, false},
    {"iframe", K::kSkip, 0, true, false},     {"img", K::kImage, 0, false, true},
    {"input", K::kInline, 0, false, true},    {"legend", K::kBlock, 0, false, false},
    {"li", K::kItem, 0, false, false},        {"link", K::kInline, 0, false, true},
    {"listing", K::kPre, 0, false, false},    {"main", K::kMain, 0, false, false},
    {"map", K::kSkip, 0, false, false},       {"menu", K::kList, 0, false, false},
    {"meta", K::kMeta, 0, false, true},       {"meter", K::kSkip, 0, false, false},
    {"nav", K::kSkip, 0, false, false},       {"noembed", K::kSkip, 0, true, false},
    {"noframes", K::kSkip, 0, true, false},   {"noscript", K::kSkip, 0, true, false},
    {"object", K::kSkip, 0, false, false},    {"ol", K::kList, 0, false, false},
    {"p", K::kParagraph, 0, false, false},    {"param", K::kInline, 0, false, true},
    {"pre", K::kPre, 0, false, false},        {"progress", K::kSkip, 0, false, false},
    {"rp", K::kSkip, 0, false, false},        {"script", K::kSkip, 0, true, false},
    {"section", K::kBlock, 0, false, false},  {"select", K::kSkip, 0, false, false},
    {"source", K::kInline, 0, false, true},   {"style", K::kSkip, 0, true, false},
    {"summary", K::kBlock, 0, false, false},  {"svg", K::kSkip, 0, false, false},
    {"table", K::kTable, 0, false, false},    {"td", K::kCell, 0, false, false},
    {"template", K::kSkip, 0, false, false},  {"textarea", K::kSkip, 0, true, false},
    {"th", K::kCell, 0, false, false},        {"title", K::kTitle, 0, false, false},
    {"tr", K::kRow, 0, false, false},         {"track", K::kInline, 0, false, true},
    {"ul", K::kList, 0, false, false},        {"video", K::kSkip, 0, false, false},
    {"wbr", K::kInline, 0, false, true},      {"xmp", K::kSkip, 0, true, false},
};
static_assert(std::ranges::is_sorted(kElements, {}, &Element::name));
constexpr Element kUnknown;

// Class names of Sphinx, DocBook, rustdoc, mdBook, Publican, Texinfo, Scribble, Boost and common themes.
constexpr std::string_view kClasses[] = {
    "admonition-anchor",
    "anchor-link",
    "anchorjs-link",
    "book-navigation",
    "boring",
    "bottomnav",
    "breadcrumb",
    "breadcrumbs",
    "clearer",
    "copiable-anchor",
    "copiable-link",
    "copy-button",
    "copybtn",
    "copybutton",
    "docnav",
    "edit-link",
    "footer",
    "hash-link",
    "headerlink",
    "hideme",
    "lineno",
    "linenodiv",
    "linenos",
    "menu-bar",
    "menu-title",
    "mobile-nav-chapters",
    "mw-editsection",
    "nav",
    "nav-bar",
    "nav-chapters",
    "nav-links",
    "nav-panel",
    "nav-wrapper",
    "navbar",
    "navbar-header",
    "navfooter",
    "navheader",
    "navigation",
    "navigation-header",
    "navigation-menu",
    "navlinks",
    "navpath",
    "navset",
    "navsetbottom",
    "navsettop",
    "noprint",
    "nosearch",
    "out-of-band",
    "page-footer",
    "page-links",
    "page-nav",
    "pager",
    "pagination",
    "permalink",
    "prev-next",
    "prev_next",
    "previous-next",
    "related",
    "rightside",
    "rst-footer-buttons",
    "rst-other-versions",
    "rst-versions",
    "rustdoc-breadcrumbs",
    "rustdoc-toolbar",
    "search-form",
    "searchbox",
    "side-bar",
    "sidebar",
    "sidebar-crate",
    "sidebar-elems",
    "sidebar-menu",
    "sidebar-nav",
    "sidenav",
    "site-footer",
    "skip-link",
    "skip-to-content",
    "source_link",
    "sphinxsidebar",
    "sphinxsidebarwrapper",
    "spirit-nav",
    "sr-only",
    "src-link",
    "srclink",
    "test-arrow",
    "tocset",
    "topnav",
    "viewcode-back",
    "viewcode-link",
    "visually-hidden",
    "wy-breadcrumbs",
    "wy-nav-side",
};
constexpr std::string_view kIds[] = {
    "bottom-nav",  "docnav",        "footer",      "footer-text", "global-nav", "leftnav",
    "main-nav",    "mw-navigation", "nav",         "nav-path",    "navbar",     "navfooter",
    "navheader",   "navigation",    "page-footer", "search-form", "searchbox",  "sidebar",
    "site-footer", "sphinxsidebar", "titlearea",   "toc-nav",     "top-nav",
};
constexpr std::string_view kRoles[] = {
    "banner", "contentinfo", "doc-pagelist", "menu", "menubar", "navigation", "search", "tablist", "toolbar",
};
static_assert(std::ranges::is_sorted(kClasses) && std::ranges::is_sorted(kIds) && std::ranges::is_sorted(kRoles));

// First letter to the first element with that letter or a later one.
constexpr auto kFirst = [] {
  std::array<std::uint8_t, 27> first{};
  for (std::size_t letter = 0; letter < first.size(); ++letter) {
    while (first[letter] < std::size(kElements) &&
           kElements[first[letter]].name.front() < static_cast<char>('a' + static_cast<int>(letter))) {
      ++first[letter];
    }
  }
  return first;
}();

// Most class names are none of ours: a bit for a name's length, first and last letter says so at once.
constexpr std::size_t kFilterBits = 1024;
constexpr std::size_t filter_bit(std::string_view name) {
  const auto first = static_cast<unsigned char>(name.front()), last = static_cast<unsigned char>(name.back());
  return (name.size() * 7 + first * std::size_t{131} + last * std::size_t{31}) % kFilterBits;
}
template <std::size_t n>
constexpr std::array<bool, kFilterBits> make_filter(const std::string_view (&names)[n]) {
  std::array<bool, kFilterBits> bits{};
  for (const auto name : names) bits[filter_bit(name)] = true;
  return bits;
}
constexpr auto kClassFilter = make_filter(kClasses);

template <std::size_t n>
bool among(const std::string_view (&names)[n], std::string_view name) {
  return std::ranges::binary_search(names, name);
}

template <class Test>
bool any_class(std::string_view classes, Test&& test) {
  while (!classes.empty()) {
    const std::size_t end = std::min(classes.find_first_of(" \t\n"), classes.size());
    if (end > 0 && test(classes.substr(0, end))) return true;
    classes.remove_prefix(std::min(end + 1, classes.size()));
  }
  return false;
}

bool is_furniture_class(std::string_view name) { return kClassFilter[filter_bit(name)] && among(kClasses, name); }

bool hides(std::string_view style) {
  const std::size_t display = style.find("display");
  if (display == std::string_view::npos) return false;
  const std::size_t value = style.find_first_not_of(" :", display + 7);
  return value != std::string_view::npos && style.substr(value).starts_with("none");
}

}  // namespace

const Element& element_named(std::string_view name) noexcept {
  char small[12];
  if (name.size() > sizeof small) return kUnknown;
  std::ranges::transform(name, small, lower);
  const std::string_view key(small, name.size());
  if (key.empty() || !is_letter(key.front())) return kUnknown;
  const auto letter = static_cast<std::size_t>(key.front() - 'a');
  for (std::size_t i = kFirst[letter]; i < kFirst[letter + 1]; ++i) {
    if (kElements[i].name == key) return kElements[i];
  }
  return kUnknown;
}

bool is_furniture(std::string_view attributes) noexcept {
  if (attributes.size() < 6) return false;
  HtmlAttributes walk(attributes);
  std::string_view name, value;
  while (walk.next(name, value)) {
    switch (name.size()) {
      case 2:
        if (equals_nocase(name, "id") && among(kIds, value)) return true;
        break;
      case 4:
        if (equals_nocase(name, "role") && among(kRoles, value)) return true;
        break;
      case 5:
        if (equals_nocase(name, "class") && any_class(value, is_furniture_class)) return true;
        if (equals_nocase(name, "style") && hides(value)) return true;
        break;
      case 6:
        if (equals_nocase(name, "hidden")) return true;
        break;
      case 11:
        if (equals_nocase(name, "aria-hidden") && equals_nocase(value, "true")) return true;
        break;
      default:
        break;
    }
  }
  return false;
}

BlockRole block_role(std::string_view attributes) noexcept {
  constexpr std::string_view kNotes[] = {"admonition", "caution", "danger", "important", "note", "tip", "warning"};
  constexpr std::string_view kCode[] = {"fragment"};
  if (attributes.size() < 9) return BlockRole::kPlain;
  const std::string_view classes = html_attribute_as_written(attributes, "class");
  if (any_class(classes, [&](std::string_view name) { return among(kNotes, name); })) return BlockRole::kNote;
  return any_class(classes, [&](std::string_view name) { return among(kCode, name); }) ? BlockRole::kCode
                                                                                       : BlockRole::kPlain;
}

}  // namespace tamis::docs
