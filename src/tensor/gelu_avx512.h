#pragma once

// x Φ(x), included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after vec_avx512.h.

/// Φ(a) - 1/2 around a = i / 3: polynomials of degree 4 in 3 a - i, [power][i], interpolated at the nodes of Chebyshev.
/// They end at 5.16, where the function is 1/2 to 1.3e-7. Tables of 16 are registers.
alignas(64) constexpr float kNormal[5][16] = {
    {0.0F, 0.130558655F, 0.247507453F, 0.341344744F, 0.40878877F, 0.452209651F, 0.477249861F, 0.490184665F,
     0.496169627F, 0.498650104F, 0.499570936F, 0.499877125F, 0.49996832F, 0.499992669F, 0.49999848F, 0.499999702F},
    {0.132979959F, 0.125793815F, 0.106482558F, 0.0806572288F, 0.0546705164F, 0.0331594422F, 0.0179971699F,
     0.00874063093F, 0.00379857956F, 0.00147719402F, 0.000514031213F, 0.000160056967F, 4.45953847e-05F, 1.11181462e-05F,
     2.48026731e-06F, 4.95090376e-07F},
    {0.0F, -0.0069884616F, -0.0118312547F, -0.0134427212F, -0.0121488888F, -0.00921090227F, -0.00599906128F,
     -0.00339917396F, -0.00168830564F, -0.000738636125F, -0.000285597838F, -9.78256867e-05F, -2.97360621e-05F,
     -8.03197599e-06F, -1.92981997e-06F, -4.12781532e-07F},
    {-0.00244982494F, -0.00206123176F, -0.00109367829F, -5.15755119e-06F, 0.00077953632F, 0.00108532375F,
     0.000996935298F, 0.000719376083F, 0.00043121312F, 0.000220278394F, 9.7248485e-05F, 3.74248957e-05F,
     1.26264222e-05F, 3.74951605e-06F, 9.82904453e-07F, 2.27952356e-07F},
    {0.0F, 0.000185692785F, 0.00027833067F, 0.000247905817F, 0.000137425814F, 1.9548781e-05F, -5.48538519e-05F,
     -7.65067743e-05F, -6.41452352e-05F, -4.10919019e-05F, -2.15500258e-05F, -9.5382984e-06F, -3.62233891e-06F,
     -1.1922948e-06F, -3.42421913e-07F, -8.62117986e-08F}};

/// x / 2 + |x| (Φ(|x|) - 1/2), to 2e-7 · max(1, |x|) above -6: half the time of a rational function.
TAMIS_INLINE Vec gelu(Vec x) {
  const Vec size = _mm512_abs_ps(x);
  const Vec inside = mul(min(size, set(5.16F)), set(3.0F));
  // Adding 1.5 · 2^23 rounds to whole numbers and leaves them in the lowest bits.
  const Vec shifted = add(inside, set(12582912.0F));
  const Vec t = sub(inside, sub(shifted, set(12582912.0F)));
  const __m512i i = _mm512_castps_si512(shifted);
  Vec y = _mm512_permutexvar_ps(i, load(kNormal[4]));
  y = fma(y, t, _mm512_permutexvar_ps(i, load(kNormal[3])));
  y = fma(y, t, _mm512_permutexvar_ps(i, load(kNormal[2])));
  y = fma(y, t, _mm512_permutexvar_ps(i, load(kNormal[1])));
  y = fma(y, t, _mm512_permutexvar_ps(i, load(kNormal[0])));
  return fma(size, y, mul(x, set(0.5F)));
}
