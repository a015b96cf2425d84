#pragma once

// x Φ(x), included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after vec_avx2.h.

/// The error function to 3.5e-7, by a rational function of x² fitted for the smallest largest error on [0, 3.9]; beyond
/// it is 1 to 4e-8.
TAMIS_INLINE Vec error_function(Vec x) {
  const Vec y = max(set(-3.9F), min(set(3.9F), x));
  const Vec t = mul(y, y);
  Vec p = set(2.0547613530652598e-06F);
  p = fma(p, t, set(0.000286557013168931F));
  p = fma(p, t, set(0.003803577506914735F));
  p = fma(p, t, set(0.05286699905991554F));
  p = fma(p, t, set(0.19118258357048035F));
  p = fma(p, t, set(1.1283791065216064F));
  Vec q = set(3.822781582130119e-05F);
  q = fma(q, t, set(0.001173301599919796F));
  q = fma(q, t, set(0.015043950639665127F));
  q = fma(q, t, set(0.11444444954395294F));
  q = fma(q, t, set(0.5027634501457214F));
  q = fma(q, t, set(1.0F));
  return div(mul(y, p), q);
}

/// To 5e-7 · max(1, |x|) above -6.
TAMIS_INLINE Vec gelu(Vec x) {
  const Vec half = mul(x, set(0.5F));
  return fma(half, error_function(mul(x, set(0.70710678F))), half);
}
