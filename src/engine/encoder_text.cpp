#include "encoder_text.h"

#include <algorithm>
#include <vector>

namespace tamis::engine {
namespace {

std::vector<std::string_view> parts_of(std::string_view title, std::string_view heading) {
  std::vector<std::string_view> parts;
  if (!title.empty()) parts.push_back(title);
  if (!title.empty() && heading.starts_with(title)) {
    const auto rest = heading.substr(title.size());
    if (rest.empty()) return parts;
    if (rest.starts_with(kHeadingArrow)) heading = rest.substr(kHeadingArrow.size());
  }
  while (!heading.empty()) {
    const auto end = std::min(heading.find(kHeadingArrow), heading.size());
    if (end > 0) parts.push_back(heading.substr(0, end));
    heading.remove_prefix(std::min(heading.size(), end + kHeadingArrow.size()));
  }
  return parts;
}

}  // namespace

std::string encoder_text(std::string_view title, std::string_view heading, std::string_view text) {
  auto parts = parts_of(title, heading);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    const auto part = std::find(parts.begin(), parts.end(), line);
    if (part != parts.end()) {
      parts.erase(part);
    } else if (!line.empty()) {
      break;
    }
    at = end + 1;
  }
  std::string out;
  for (const auto part : parts) out.append(part).append(" ");
  return out.append(text);
}

}  // namespace tamis::engine
