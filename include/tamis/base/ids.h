#pragma once

#include <cstdint>

namespace tamis {

/// Number of a term in a field's vocabulary. Global for the collection: the same in every segment.
using TermId = std::uint32_t;
/// A passage's number for life, through merges and reordering. Equal scores are ordered by it, lower first.
using PassageId = std::uint64_t;
/// A document's number for life. A changed document is a new document that replaces the old one.
using DocumentId = std::uint64_t;
/// Number of a passage inside one segment, 0 … n-1. Never leaves the index.
using LocalId = std::uint32_t;
/// What a search ranks by.
using Score = float;

}  // namespace tamis
