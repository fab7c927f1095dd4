package org.slmruntime.graph;

/** Element-wise non-linearities. */
public enum Activation {
  /** x * sigmoid(x). */
  SILU,
  /** 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel, 2016). */
  GELU_TANH,
  /** max(x, 0)^2. */
  RELU_SQUARED
}
