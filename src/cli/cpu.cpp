#include <fmt/format.h>
#include <tamis/base/variants.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/sieve/block_index.h>
#ifdef TAMIS_NEURAL
#include <tamis/tensor/precision.h>
#endif

#include <memory>
#include <thread>

#include "command.h"
#include "terminal.h"

namespace tamis::cli {

Command make_cpu_command() {
  Command command;
  command.name = "cpu";
  command.summary = "say what the machine can do and which kernels run on it";
  command.description =
      "Every kernel has several variants; the best one that the machine has is chosen when the program runs. "
      "TAMIS_MAX_ISA=ref|portable|avx2|avx512|amx and TAMIS_KERNEL=<kernel>=<variant> force a choice, for tests and "
      "measurements. What index/ and sieve/ kernels give is the same bit for bit; tensor/ kernels, those of neural "
      "encoders, add "
      "in an order of their own.";
  command.examples = {{"tamis cpu", "the machine and the choices"},
                      {"TAMIS_MAX_ISA=avx2 tamis cpu", "as if it had no AVX-512"}};
  command.run = [](Context& context) -> Result<int> {
    context.out.write(fmt::format("cpu      {}, {} threads\n", cpu_name(), std::thread::hardware_concurrency()));
    context.out.write(fmt::format("isa      {}\n", to_string(usable_isa())));
    index::choose_kernels();
    sieve::choose_kernels();
#ifdef TAMIS_NEURAL
    tensor::choose_kernels();
#endif
    for (const auto& choice : kernel_choices()) {
      context.out.write(
          fmt::format("kernel   {}: {} of {}\n", choice.kernel, choice.variant, fmt::join(choice.known, ", ")));
    }
    return kFound;
  };
  return command;
}

}  // namespace tamis::cli
