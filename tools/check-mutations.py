#!/usr/bin/env python3
"""Breaks bounds and orders by hand, one at a time, and expects that the tests of the room notice each.

    python3 tools/check-mutations.py [--preset release] [--only WORD]

Works in place: the tree must be clean, and is put back after each mutation (also on Ctrl-C). Takes a build of one room
and a run of its tests a mutation, so it is run by hand when an algorithm or its tests change, not in CI. A mutation
whose text is not found any more is an error: mend the table. Exit 1 if one survives.
"""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Only mutations that can lose or change an answer: a bound that is too high costs work and no test of answers sees it.
# room, file below src/, what stands there, what is put in its place
MUTATIONS = [
    ("index", "block_max_score.cpp", "if (total < top.threshold() ||", "if (total <= top.threshold() ||"),
    ("index", "block_max_score.cpp", "rest -= std::exchange(bounds[c], 0U);", "rest -= bounds[c];"),
    ("index", "block_max_score.cpp", "static_cast<std::uint32_t>(threshold - rest), scratch.found);",
     "static_cast<std::uint32_t>(threshold - rest + 1), scratch.found);"),
    ("index", "block_max_score.cpp", "kept += scratch.sums[offset] >= least ? 1U : 0U;",
     "kept += scratch.sums[offset] > least ? 1U : 0U;"),
    ("index", "block_max_score.cpp", "if (segment.allowed == nullptr) seed(cursors, top);", "seed(cursors, top);"),
    ("index", "block_max_score.cpp", "while (rank < 4 && kSeedRanks[rank] < top.k()) ++rank;", ""),
    ("index", "block_max_score.cpp", "std::fill_n(scratch.sums, kWindowPassages, 0U);",
     "std::fill_n(scratch.sums, kWindowPassages - 1, 0U);"),
    ("index", "window_cursor.h", "? weight_ * block_->max_level : 0;", "? weight_ * (block_->max_level - 1) : 0;"),
    ("index", "window_cursor.h", "doc_ != doc_end_ && *doc_ - begin < kWindowPassages ? weight_ * list_->seed_levels[0] : 0;",
     "doc_ != doc_end_ && *doc_ - begin < kWindowPassages ? weight_ * list_->seed_levels[1] : 0;"),
    ("index", "window_cursor.h", "if (from == end) break;", "if (from + 1 >= end) break;"),
    ("index", "window_cursor.h", "if (allowed->test(window * kWindowPassages + found[i]))",
     "if (allowed->test(found[i]))"),
    ("index", "top_k.cpp", ": a.id < b.id; }", ": a.id > b.id; }"),
    ("index", "top_k.cpp", "threshold_ = std::max(threshold_, last->units);",
     "threshold_ = std::max(threshold_, last->units + 1);"),
    ("index", "field_check.cpp", "kSeedRanks[rank] <= best ? levels[kSeedRanks[rank] - 1]",
     "kSeedRanks[rank] <= best ? levels[kSeedRanks[rank] / 2]"),
    ("index", "kernels.cpp", "if (sums[i] >= least) found", "if (sums[i] > least) found"),
    ("index", "kernels.cpp", "_mm512_cmpge_epu32_mask", "_mm512_cmpgt_epu32_mask"),
    ("eval", "measures.cpp", "std::min(above, relevant) / std::min(nonrelevant, relevant)", "above / nonrelevant"),
    ("eval", "measures.cpp", "found / static_cast<double>(i + 1);", "found / static_cast<double>(i + 2);"),
    ("eval", "measures.cpp", "q.judged.first(depth)", "q.judged.first(depth * 0 + q.judged.size())"),
    ("eval", "evaluate.cpp", "return x != y ? x > y : name(a) > name(b);", "return x != y ? x > y : name(a) < name(b);"),
    ("eval", "evaluate.cpp", "static_cast<float>(a.score), y = static_cast<float>(b.score)", "a.score, y = b.score"),
    ("eval", "evaluate.cpp", "out.answered[query] = true;", ""),
    ("eval", "passages.cpp", "if (whole(a, x) && whole(b, y)) return x < y;",
     "if (whole(a, x) && whole(b, y)) return a < b;"),
    ("eval", "per_query.cpp", "std::stable_sort(lines.begin(), lines.end(), earlier);", "{}"),
    ("eval", "line_reader.cpp", "searched = held;", "searched = held + 1;"),
    ("eval", "significance.cpp", "- kRounding * size;", "+ kRounding * size;"),
    ("eval", "significance.cpp", "static_cast<double>(order.size() - i)", "static_cast<double>(order.size())"),
    ("eval", "significance.cpp", "reached = 1;", "reached = 0;"),
    ("sieve", "search.cpp", "static_cast<std::uint32_t>(share * left[slot])", "static_cast<std::uint32_t>(share * left[slot] / 2)"),
    ("sieve", "search.cpp", "std::ceil(2 * rests * grid_)", "std::ceil(0 * rests * grid_)"),
    ("sieve", "search.cpp", "kth_ > margin_ ? kth_ - margin_ : 1", "kth_ > margin_ ? kth_ : 1"),
    ("sieve", "search.cpp", "mask = wanted_of(mask, blocks[active_[i]]);", ""),
    ("sieve", "search.cpp", "(scratch_.bounds[run.block] + run.most)", "(scratch_.bounds[run.block] + run.most / 2)"),
    ("sieve", "search.cpp", "(effort_.rerank == 0 && kth_ <= margin_)", "false"),
    ("sieve", "search.cpp", "scratch_.bounds[blocks[i]] = 0;  // never again", ""),
    ("sieve", "rerank.cpp", "* grid_) - margin_;", "* grid_);"),
    ("sieve", "rerank.cpp", ": a.id < b.id;", ": a.id > b.id;"),
    ("sieve", "kernels.cpp", "{estimates[lane_of(p)] >= least}", "{estimates[lane_of(p)] > least}"),
    ("sieve", "list_maker.cpp", "largest = std::max(largest, code);", "largest = code;"),
    ("sieve", "list_maker.cpp", "lines[line].base += static_cast<std::uint32_t>(ends_[row_lists_[row]]);", ""),
    ("sieve", "block_index_check.cpp", "if (wrong.empty() && list_checksum(list) != list.checksum)", "if (false)"),
    ("sieve", "block_index_check.cpp", "TAMIS_TRY_OK(check_list(number));\n  checked", "checked"),
    ("sieve", "rerank.cpp", "std::lower_bound(first, last, place << parts.flat_shift)", "std::lower_bound(first, last, place)"),
    ("sieve", "recall_curve.cpp", "point.recall - point.standard_error >= recall", "point.recall >= recall"),
    ("sieve", "search.cpp", "static_cast<double>(wanted_.least) * grid_) - margin_;", "static_cast<double>(wanted_.least) * grid_);"),
    ("sieve", "block_index.cpp", "top.seed(wanted.least);", ""),
    ("sieve", "search_batch.cpp", "answers[query] =", "answers[i] ="),
    ("tensor", "sketch_simd.h", "scale * std::sqrt(lost) * (1 + kSlack)", "0.0F"),
    ("tensor", "sketch_simd.h", "? length_of(squares.lost) : length", "? 0.0F : length"),
    ("tensor", "avx512_sketch.cpp", "sums[j] = kShift * sum;", "sums[j] = sum;"),
    ("tensor", "avx512_sketch.cpp", "if (finite(of_row)) most =", "most ="),
    ("tensor", "avx512_head.cpp", "entries[j + std::min(i, count - 1)]", "entries[std::min(i, count - 1)]"),
    ("search", "ranker.cpp", "top.seed(found.back().units);", "top.seed(found.front().units);"),
    ("search", "ranker.cpp", "std::uint64_t{term} * blocks.fields.size() + number", "std::uint64_t{term} * blocks.fields.size()"),
    ("search", "fusion.cpp", "1.0 / static_cast<double>(largest)", "1.0"),
    ("search", "fusion.cpp", "sum.views[s].more.push_back(field.views[s].field)", "sum.views[s].more.push_back(sum.views[s].field)"),
    ("index", "query.cpp", "factor * static_cast<double>(scale.step()), unit", "factor, unit"),
    ("index", "query_algorithm.cpp", "units += segment.more[i]->score(passage, query.more[i]);", "units += 0;"),
    ("engine", "encode_pass.cpp", "|| !field->verify()) break;", ") break;"),
    ("sparse", "bm25.cpp", "std::log1p(odds) / 3.0", "0.0"),
    ("sparse", "bm25.cpp", "std::min(count * limit / (count + norm), limit)", "count * limit / (count + norm)"),
]


def run(command, log):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    log.append(done.stdout)
    return done.returncode == 0


def outcome(preset, room):
    folder, log = ROOT / "build" / preset / "src" / room, []
    for tests in (f"{room}_test", f"{room}_threads_test"):
        if not run(["cmake", "--build", "--preset", preset, "--target", tests], log):
            return "does not build" if tests == f"{room}_test" else "SURVIVED"  # not every room has tests of threads
        if run(["timeout", "300", folder / tests, "--gtest_fail_fast", "--gtest_brief=1"], log):
            continue
        failed = [line for line in log[-1].splitlines() if line.startswith("[  FAILED  ]")]
        return "noticed by " + (failed[0].split()[3] if failed else "a crash or hang")
    return "SURVIVED"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="release")
    parser.add_argument("--only", default="", help="mutations with this word in file or text")
    args = parser.parse_args()
    if subprocess.run(["git", "diff", "--quiet", "--", "src"], cwd=ROOT).returncode != 0:
        sys.exit("check-mutations: src/ has changes that are not committed (wanted: a clean tree, it is edited in place)")
    bad, touched = 0, set()
    for room, file, old, new in MUTATIONS:
        if args.only not in f"{room}/{file} {old}":
            continue
        path = ROOT / "src" / room / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            sys.exit(f"check-mutations: src/{room}/{file}: {old!r} stands there {text.count(old)} times (wanted once)")
        touched.add(room)
        try:
            path.write_text(text.replace(old, new), encoding="utf-8")
            result = outcome(args.preset, room)
        finally:
            path.write_text(text, encoding="utf-8")
        bad += not result.startswith("noticed")
        print(f"{result:70} {room}/{file}: {new.strip() or 'without ' + old}", flush=True)
    for room in sorted(touched):  # build/ is of the text that stands there
        for tests in (f"{room}_test", f"{room}_threads_test"):
            run(["cmake", "--build", "--preset", args.preset, "--target", tests], [])
    sys.exit(1 if bad else 0)


main()
