#include "command.h"

namespace tamis::cli {

std::vector<Command> all_commands() {
  std::vector<Command> commands;
  commands.push_back(make_index_command());
  commands.push_back(make_search_command());
  commands.push_back(make_show_command());
  commands.push_back(make_info_command());
  commands.push_back(make_verify_command());
  commands.push_back(make_remove_command());
  commands.push_back(make_merge_command());
  commands.push_back(make_eval_command());
  commands.push_back(make_tune_command());
  commands.push_back(make_bench_command());
#ifdef TAMIS_NEURAL
  commands.push_back(make_model_command());
  commands.push_back(make_encode_command());
#endif
  commands.push_back(make_cpu_command());
  commands.push_back(make_completion_command());
  commands.push_back(make_man_command());
  return commands;
}

}  // namespace tamis::cli
