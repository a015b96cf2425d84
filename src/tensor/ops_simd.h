#pragma once

// The elementwise kernels over vectors of kLanes floats, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after
// activation_simd.h. Tails go through the same arithmetic, so a value does not depend on its place in the row.

template <Activation kActivation>
void activate_all(float* x, std::size_t n) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(x + i, activated<kActivation>(load(x + i)));
  if (i < n) store(x + i, activated<kActivation>(load(x + i, n - i)), n - i);
}
void activate_row(Activation activation, float* x, std::size_t n) {
  with_activation(activation, [&]<Activation kActivation>() { activate_all<kActivation>(x, n); });
}

void layer_norm_row(const float* x, const float* gamma, const float* beta, float epsilon, std::size_t n, float* out) {
  const std::size_t whole = n / kLanes * kLanes;
  const std::size_t left = n - whole;
  Vec sum = set(0.0F);
  for (std::size_t i = 0; i < whole; i += kLanes) sum = add(sum, load(x + i));
  if (left != 0) sum = add(sum, load(x + whole, left));
  const float mean = lane_sum(sum) / static_cast<float>(n);
  const Vec means = set(mean);
  Vec squares = set(0.0F);
  for (std::size_t i = 0; i < whole; i += kLanes) {
    const Vec distance = sub(load(x + i), means);
    squares = fma(distance, distance, squares);
  }
  float variance = lane_sum(squares);
  for (std::size_t i = whole; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean);
  const Vec inverse = set(1.0F / std::sqrt(variance / static_cast<float>(n) + epsilon));
  const auto normal = [&](Vec value, Vec scale, Vec shift) {
    return fma(mul(sub(value, means), inverse), scale, shift);
  };
  const Vec one = set(1.0F);
  const Vec zero = set(0.0F);
  for (std::size_t i = 0; i < whole; i += kLanes) {
    const Vec scale = gamma == nullptr ? one : load(gamma + i);
    store(out + i, normal(load(x + i), scale, beta == nullptr ? zero : load(beta + i)));
  }
  if (left == 0) return;
  const Vec scale = gamma == nullptr ? one : load(gamma + whole, left);
  const Vec shift = beta == nullptr ? zero : load(beta + whole, left);
  store(out + whole, normal(load(x + whole, left), scale, shift), left);
}

template <Activation kActivation>
void gate_all(const float* x, const float* gate, std::size_t n, float* out) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(out + i, mul(activated<kActivation>(load(x + i)), load(gate + i)));
  if (i < n) store(out + i, mul(activated<kActivation>(load(x + i, n - i)), load(gate + i, n - i)), n - i);
}
void gate_row(Activation activation, const float* x, const float* gate, std::size_t n, float* out) {
  with_activation(activation, [&]<Activation kActivation>() { gate_all<kActivation>(x, gate, n, out); });
}

void add_row(const float* x, std::size_t n, float* out) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(out + i, add(load(out + i), load(x + i)));
  for (; i < n; ++i) out[i] += x[i];
}

void softmax_row(float* x, std::size_t n) {
  const std::size_t whole = n / kLanes * kLanes;
  float largest = x[0];
  if (whole != 0) {
    Vec most = load(x);
    for (std::size_t i = kLanes; i < whole; i += kLanes) most = max(most, load(x + i));
    largest = lane_max(most);
  }
  for (std::size_t i = whole; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  Vec sum = set(0.0F);
  for (std::size_t i = 0; i < whole; i += kLanes) {
    const Vec value = exponential(sub(load(x + i), set(largest)));
    sum = add(sum, value);
    store(x + i, value);
  }
  float total = lane_sum(sum);
  if (whole != n) store(x + whole, exponential(sub(load(x + whole, n - whole), set(largest))), n - whole);
  for (std::size_t i = whole; i < n; ++i) total += x[i];
  const Vec inverse = set(1.0F / total);
  for (std::size_t i = 0; i < whole; i += kLanes) store(x + i, mul(load(x + i), inverse));
  for (std::size_t i = whole; i < n; ++i) x[i] *= 1.0F / total;
}

void rotate_row(float* x, const float* cos, const float* sin, std::size_t half) {
  std::size_t i = 0;
  for (; i + kLanes <= half; i += kLanes) {
    const Vec a = load(x + i);
    const Vec b = load(x + half + i);
    const Vec c = load(cos + i);
    const Vec s = load(sin + i);
    store(x + i, sub(mul(a, c), mul(b, s)));
    store(x + half + i, add(mul(b, c), mul(a, s)));
  }
  for (; i < half; ++i) {
    const float a = x[i];
    const float b = x[half + i];
    x[i] = a * cos[i] - b * sin[i];
    x[half + i] = b * cos[i] + a * sin[i];
  }
}

template <Activation kActivation, bool kResidual>
void finish_all(const float* sums, const float* bias, const float* residual, std::size_t n, float* out) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Vec value = activated<kActivation>(add(load(sums + i), load(bias + i)));
    if constexpr (kResidual) value = add(value, load(residual + i));
    store(out + i, value);
  }
  if (i == n) return;
  Vec value = activated<kActivation>(add(load(sums + i, n - i), load(bias + i, n - i)));
  if constexpr (kResidual) value = add(value, load(residual + i, n - i));
  store(out + i, value, n - i);
}
void finish_row(const float* sums, const float* bias, Activation activation, const float* residual, std::size_t n,
                float* out) {
  with_activation(activation, [&]<Activation kActivation>() {
    residual == nullptr ? finish_all<kActivation, false>(sums, bias, nullptr, n, out)
                        : finish_all<kActivation, true>(sums, bias, residual, n, out);
  });
}

std::size_t collect_row(const float* maxima, const float* bias, std::size_t n, std::uint32_t first,
                        std::uint32_t* entries, float* sums) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += kLanes) {
    const std::size_t left = n - i;
    const Vec sum =
        left >= kLanes ? add(load(maxima + i), load(bias + i)) : add(load(maxima + i, left), load(bias + i, left));
    for (unsigned found = positive_lanes(sum); found != 0; found &= found - 1) {
      const auto at = i + static_cast<unsigned>(__builtin_ctz(found));
      entries[count] = first + static_cast<std::uint32_t>(at);
      sums[count++] = maxima[at] + bias[at];
    }
  }
  return count;
}

void round_row(const float* x, std::size_t n, std::uint16_t* out) {
  for (std::size_t i = 0; i + kLanes <= n; i += kLanes) store_bf16(out + i, load(x + i), kLanes);
  const std::size_t whole = n / kLanes * kLanes;
  if (whole != n) store_bf16(out + whole, load(x + whole, n - whole), n - whole);
}
