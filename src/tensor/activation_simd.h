#pragma once

// Functions of a vector of kLanes floats, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after a vec_*.h and
// its gelu_*.h.

/// e^x to 2 units in the last place; 0 below -87.3, infinity above 88.7, NaN stays.
TAMIS_INLINE Vec exponential(Vec x) {
  const Vec inside = max(set(-87.3F), min(set(89.0F), x));  // NaN is the second operand and stays
  const Vec n = round(mul(inside, set(1.44269504F)));
  const Vec rest = fma(n, set(2.12194440e-4F), fma(n, set(-0.693359375F), inside));  // ln 2 in two parts
  Vec y = set(1.0F / 5040);
  y = fma(y, rest, set(1.0F / 720));
  y = fma(y, rest, set(1.0F / 120));
  y = fma(y, rest, set(1.0F / 24));
  y = fma(y, rest, set(1.0F / 6));
  y = fma(y, rest, set(0.5F));
  y = fma(y, rest, set(1.0F));
  y = fma(y, rest, set(1.0F));
  return zero_below(x, set(-87.3F), scale_by_power(y, n));
}

template <Activation kActivation>
TAMIS_INLINE Vec activated(Vec x) {
  if constexpr (kActivation == Activation::kGelu) {
    // Below -6 the function is within 6e-9 of 0, and what is computed would be a rounding error times x.
    return zero_below(x, set(-6.0F), gelu(x));
  } else if constexpr (kActivation == Activation::kGeluTanh) {
    const Vec inner = mul(set(-1.59576912F), fma(mul(mul(x, x), x), set(0.044715F), x));
    return div(x, add(set(1.0F), exponential(inner)));
  } else if constexpr (kActivation == Activation::kRelu) {
    return max(set(0.0F), x);
  } else if constexpr (kActivation == Activation::kSilu) {
    return div(x, add(set(1.0F), exponential(sub(set(0.0F), x))));
  } else {
    return x;
  }
}

/// Calls body.template operator()<activation>().
template <class Body>
TAMIS_INLINE void with_activation(Activation activation, Body&& body) {
  switch (activation) {
    case Activation::kGelu:
      return body.template operator()<Activation::kGelu>();
    case Activation::kGeluTanh:
      return body.template operator()<Activation::kGeluTanh>();
    case Activation::kRelu:
      return body.template operator()<Activation::kRelu>();
    case Activation::kSilu:
      return body.template operator()<Activation::kSilu>();
    case Activation::kNone:
      return body.template operator()<Activation::kNone>();
  }
}
