#pragma once

/// \file The public interface of the whole: open an index, fill it, search it. See examples/search.cpp.
#include <tamis/engine/engine.h>
