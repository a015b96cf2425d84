#pragma once

namespace tamis {

/// Hands what has been freed back to the system. The C library keeps many small pieces, and what the next step takes
/// would come on top of them.
void give_back_freed_memory() noexcept;

}  // namespace tamis
