#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/store/catalogue.h>

#include "paths.h"

namespace tamis::engine {

/// Gives the segments that lack them the fields of the encoders of a run, the oldest segment first, each published as
/// soon as it is whole. Texts are read, encoded and gathered at the same time.
///
/// A field is made in parts of some thousand passages, each a field file of its own that lies unpublished in the
/// segments folder: a run that is stopped or killed goes on behind the last of them. Vectors depend on their passages
/// alone, so the field is the same, bit for bit, however often that happens. Passages that are deleted already get the
/// empty vector.
///
/// Memory: a part's vectors, a few blocks of text, and while the parts are merged what index::merge_fields() takes.
/// @par Errors  kCancelled tells how far it came; kCorrupt for a segment that cannot be read; those of the encoder
[[nodiscard]] Status encode_segments(const IndexPaths& paths, store::Catalogue& catalogue, const IngestOptions& options,
                                     IngestReport& report, ProgressSink& progress, const CancelToken& cancel);

}  // namespace tamis::engine
