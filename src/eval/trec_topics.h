#pragma once

#include <tamis/base/result.h>
#include <tamis/eval/files.h>

#include <string_view>
#include <vector>

namespace tamis::eval {

/// Gathers the topics of a TREC file from its lines. Tags are not nested and mostly not closed, so this is no XML.
class TrecTopics {
 public:
  /// Takes the next line. @par Errors  kCorrupt: what cannot stand there
  [[nodiscard]] Status take(std::string_view line);
  /// After the last line.
  [[nodiscard]] Result<std::vector<Topic>> finish() &&;

 private:
  enum class Field { kNone, kNumber, kTitle, kDescription, kNarrative };
  [[nodiscard]] Status open_tag(std::string_view tag);
  [[nodiscard]] Status add_text(std::string_view text);
  [[nodiscard]] Status close_topic();
  std::vector<Topic> topics_;
  Topic topic_;
  bool inside_ = false;  // a topic
  Field field_ = Field::kNone;
};

}  // namespace tamis::eval
