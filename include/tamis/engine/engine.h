#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/docs/passages.h>
#include <tamis/docs/reader.h>
#include <tamis/docs/walk.h>
#include <tamis/search/pipeline.h>
#include <tamis/sieve/recall_curve.h>
#include <tamis/sparse/bm25.h>
#include <tamis/sparse/vector_files.h>
#include <tamis/store/catalogue.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tamis {

/// The folder that an index lives in unless told otherwise.
inline constexpr std::string_view kIndexFolder = ".tamis";
/// Looks for `.tamis` in a folder and the folders above it, as git looks for `.git`. kNotFound says how to make one.
[[nodiscard]] Result<std::filesystem::path> find_index(const std::filesystem::path& from);

/// A neural encoder that passages are to have vectors of, beside BM25: a field of its own in the index. Its name is the
/// field's: letters, digits, and . _ - inside.
struct EncoderChoice {
  std::string model;  ///< how it is found again: a name that the model store knows, or a folder
  std::shared_ptr<const sparse::TextEncoder> encoder;
};
/// An encoder that an index knows.
struct EncoderInfo {
  std::string name, model, fingerprint;
  std::uint64_t passages_waiting = 0;  ///< without a vector yet; a search can use the field when it is 0
};

/// What a run that changes an index may take beside encoders: a segment is written when the gathered passages take as
/// much, and segments are merged only as long as their index of blocks can be made in it.
inline constexpr std::uint64_t kDefaultMemory = 2ULL << 30;

struct IngestOptions {
  docs::WalkOptions walk;
  docs::ReadOptions read;
  docs::PassageConfig passages;
  sparse::Bm25Config bm25;  ///< used when the index is new
  std::string language;     ///< code; "" = guess a document
  std::uint64_t memory_bytes = kDefaultMemory;
  std::uint32_t threads = 0;  ///< 0 = all
  /// Segments of at least so many passages get an index of blocks; smaller ones are searched by windows.
  std::uint64_t blocks_from = 16384;
  bool rebuild = false;        ///< read everything again, fix BM25's average length anew
  bool retry_skipped = false;  ///< look again at unchanged files that could not be read
  std::string stdin_name = "stdin";
  /// Encoders of this run. Those that the index knows but are not here leave what is new without vectors, for a later
  /// run; a rebuild forgets them.
  std::vector<EncoderChoice> encoders;
};

/// What a run did. Times are seconds; "read" is reading + splitting on all threads, "index" is analysing + building.
struct IngestReport {
  std::uint64_t files_found = 0, files_added = 0, files_changed = 0, files_deleted = 0, files_unchanged = 0;
  std::uint64_t documents = 0, passages = 0, bytes = 0;
  struct Skipped {
    std::string path, reason;
    bool expected = true;
  };
  std::vector<Skipped> skipped;
  std::uint64_t passages_encoded = 0;  ///< vectors of encoders that were added
  std::uint64_t passages_waiting = 0;  ///< vectors that are still missing, of encoders that this run did not have
  double encode_seconds = 0;           ///< of the run, not summed over threads
  std::uint64_t num_clipped = 0;       ///< vector weights over the index's largest, stored as that
  /// Why the merges or indexes of blocks that follow a run failed, "" = they did not; nothing is lost by it.
  std::string tidy_problem;
  std::map<std::string, std::uint64_t> readers, encodings;  ///< how many documents each
  double seconds = 0, read_seconds = 0, analyse_seconds = 0, build_seconds = 0, text_seconds = 0, publish_seconds = 0;
  bool published = false;
};

struct MergeReport {
  std::uint64_t merged_segments = 0, segments_left = 0, passages = 0;
};

struct IndexInfo {
  std::filesystem::path folder;
  store::Generation generation;
  std::vector<store::SourceRow> sources;
  std::vector<EncoderInfo> encoders;
  std::uint64_t live_passages = 0, deleted_passages = 0, num_terms = 0, num_postings = 0;
  std::uint64_t catalogue_bytes = 0, field_bytes = 0, vector_bytes = 0, text_bytes = 0, vocabulary_bytes = 0;
  std::uint64_t block_bytes = 0, block_passages = 0;  ///< of indexes of blocks, and the passages that are in one
  double avg_length_fixed = 0, avg_length_now = 0;    ///< their difference is BM25's drift
};

/// A hit with everything that is shown of it.
struct Hit {
  std::uint32_t rank = 0;
  Score score = 0;
  PassageId passage = 0;
  DocumentId document = 0;
  std::string document_id;  ///< external id
  std::string path;         ///< of the file; absolute root + relative path
  std::string origin;       ///< "line" or "page"
  std::uint32_t line = 0;   ///< line or page number
  std::uint32_t begin = 0, end = 0;
  std::string title, heading, text;
  text::Language language = text::Language::kNone;
};

/// One published state. Immutable; a snapshot stays valid while the index is written or merged. One thread a snapshot.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  [[nodiscard]] virtual const search::Collection& collection() const = 0;
  [[nodiscard]] virtual std::uint64_t generation() const = 0;
  /// The index's folder.
  [[nodiscard]] virtual const std::filesystem::path& folder() const = 0;
  /// The encoders that passages have vectors of, or are to have. collection() offers the fields that are whole.
  [[nodiscard]] virtual const std::vector<EncoderInfo>& encoders() const = 0;
  /// What an encoder is given of a passage: title and headings that the text does not begin with, and the text.
  [[nodiscard]] virtual Result<std::string> encoder_text(PassageId passage) const = 0;
  /// Fills in document, text and place of ranked passages.
  [[nodiscard]] virtual Result<std::vector<Hit>> hits(const std::vector<search::ScoredPassage>& passages) const = 0;
  /// External document id of a passage, cached: for runs of thousands of queries.
  [[nodiscard]] virtual Result<std::string_view> document_id(PassageId passage) const = 0;
  [[nodiscard]] virtual Result<Hit> show(PassageId passage) const = 0;
  [[nodiscard]] virtual Result<store::DocumentRow> document(PassageId passage) const = 0;
  [[nodiscard]] virtual Result<std::string> document_text(PassageId passage) const = 0;
};

/// An index folder. What a program embeds: open, ingest, search. ingest, merge and remove take the folder's writer lock
/// (kBusy when another process has it); snapshots need no lock and work in read-only folders. One thread an Engine.
class Engine {
 public:
  [[nodiscard]] static Result<Engine> create(const std::filesystem::path& folder);
  [[nodiscard]] static Result<Engine> open(const std::filesystem::path& folder);
  [[nodiscard]] static Result<Engine> open_or_create(const std::filesystem::path& folder);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// Whether nothing has been indexed yet.
  [[nodiscard]] Result<bool> is_new() const;
  /// The encoders that the index knows.
  [[nodiscard]] Result<std::vector<EncoderInfo>> encoders() const;
  /// Brings the index up to date with folders and files; no roots = all folders and files that were indexed before,
  /// read as they were then. Returns when the new state is durable and visible; a run that is stopped or killed leaves
  /// the state before it, or an earlier segment of it, and the next run finishes the work. Texts are published with
  /// their words first, vectors of encoders behind: a run that ends in between leaves an index that is searched by
  /// words, and the vectors that it had made, thousands of passages at a time, are not made again.
  [[nodiscard]] Result<IngestReport> ingest(const std::vector<std::filesystem::path>& roots,
                                            const IngestOptions& options, ProgressSink& progress,
                                            const CancelToken& cancel = {});
  /// One document stream from standard input or memory; replaces what had the same name.
  [[nodiscard]] Result<IngestReport> ingest_stream(docs::ByteStream& stream, const IngestOptions& options,
                                                   ProgressSink& progress, const CancelToken& cancel = {});
  /// External vectors; replaces an earlier file of the same name. An index holds either texts or vectors.
  [[nodiscard]] Result<IngestReport> ingest_vectors(const std::filesystem::path& file, sparse::VectorFormat format,
                                                    const IngestOptions& options, ProgressSink& progress,
                                                    const CancelToken& cancel = {});
  /// Forgets a source (all its documents).
  [[nodiscard]] Result<IngestReport> remove(const std::filesystem::path& root);
  /// Merges small segments (all of them when `everything`). ingest calls it by itself.
  [[nodiscard]] Result<MergeReport> merge(bool everything, ProgressSink& progress, const CancelToken& cancel = {},
                                          std::uint64_t memory_bytes = kDefaultMemory);

  /// What searches find unless told otherwise: a share of the best, above 0, at most 1. kInvalidArgument.
  [[nodiscard]] Status set_recall(double recall);
  /// What finds how much of the k best of a method's questions (search::fit_recall). Takes the place of an earlier one.
  /// @param method  as search::to_string(Method) writes it
  [[nodiscard]] Status put_curve(std::string_view method, std::uint32_t k, const sieve::RecallCurve& curve);

  [[nodiscard]] Result<std::shared_ptr<const Snapshot>> snapshot() const;
  [[nodiscard]] Result<IndexInfo> info() const;
  /// Checksums, bounds and counts across catalogue, segments, texts and vocabularies. Each finding is one line; none =
  /// sound.
  [[nodiscard]] Result<std::vector<std::string>> verify(ProgressSink& progress) const;
  /// Of the index, absolute.
  [[nodiscard]] const std::filesystem::path& folder() const noexcept;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tamis
