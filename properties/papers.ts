import type { Paper } from '../src/claim/registry.js';

const network: Paper['notation'] = [
  ['n, d, m', 'number of inputs, their dimension, number of hidden units; X is n×d with the inputs as rows'],
  ['f, v, w_r, φ', 'the network f(x) = (1/√m) Σ_r v_r φ(w_r·x/√d), its weights and its activation'],
  ['η, t', 'step size and number of steps of gradient descent on (1/2n) Σ (f(x_i) − y_i)², y the labels'],
  ['Θ₁, Θ₂', 'tangent kernels (n×n) of the first and of the second layer at the initial weights; Θ of the layers trained'],
];

export const papers: Readonly<Record<string, Paper>> = {
  laws: {
    citation:
      'Exact identities, which every implementation must satisfy but for rounding, or for an error of integration that is bounded case by case.',
    url: null,
    notation: [
      ...network,
      ['J', 'Jacobian of the outputs by the weights'],
      ['W^ℓ, L', 'weights of layer ℓ of a deep network under gradient flow; L layers'],
      ['S_±, dead', 'neurons that activate exactly the inputs with positive, negative labels, or none'],
      ['G, η', 'a bound on the gradient, and the step, where discrete steps leave an error'],
    ],
  },
  hu2020: {
    citation:
      'Hu, Xiao, Adlam, Pennington: The Surprising Simplicity of the Early-Time Learning Dynamics of Neural Networks, NeurIPS 2020',
    url: 'https://arxiv.org/abs/2006.14599',
    notation: [
      ...network,
      [
        'Σ, x̄, κ',
        'inputs are x = Σ^{1/2} x̄ with independent entries of variance 1 and E x̄⁴ = 1 + κ; Tr Σ = d; S = ‖Σ‖, s₂ = Tr Σ²/d, s₄ = Tr Σ⁴/d',
      ],
      ['K, ∘', 'K = XXᵀ/d; ∘ is the product entry by entry'],
      ['ζ, ν', 'E φ′(g) and ϑ₁ √s₂, g a standard Gaussian; ζ′ = E φ″(g)'],
      ['ϑ₀, ϑ₁, ϑ₂', 'E φ(g), E[g φ′(g)], E[(g³/2 − g) φ′(g)]'],
      [
        'Θ^lin, f^lin',
        'the affine kernel that the paper names, and the linear model that is trained with it: for the first layer Θ₁^lin = (ζ² XXᵀ + ν² 11ᵀ)/d',
      ],
      ['α', 'exponent of the condition on the sizes, n and m of order d^{1+α}, 0 < α < ¼'],
      ['T', 'd ln d/η steps, where early training ends'],
      [
        'k',
        'm/2 independent units: symmetric initialization repeats each unit with the opposite sign, so that f = 0 at the start',
      ],
      ['V, κ_K', 'V = E φ′(g)² − ζ², which the diagonal of Θ₁ has beyond the affine kernel; κ_K = S(1 + √(d/n))²'],
      [
        'T1 … T6',
        'the error of Θ₁ times d/n by its causes: V d/n (diagonal), ϑ₁²(2√2 s₂/√n + 2S²/d) (degree two), ζ|ζ′| S √(κ s₂/d) and ϑ₁² √(κ s₄/d) (the norm of x), √((ζ² + ϑ₁²)V) κ_K √(ln n/k) (finite width), 1.5 ζ′² S s₂/d (degree three)',
      ],
      [
        'C',
        'a constant that the paper leaves open: calibrated once on cases of other seeds and then frozen; each claim gives its value',
      ],
      ['q, L', 'filter size of a convolution; number of hidden layers of a deep network'],
      ['ψ, V_lin', 'features of the linear model; the span of the inputs among the outputs'],
    ],
  },
  atanasov2022: {
    citation: 'Atanasov, Bordelon, Pehlevan: Neural Networks as Kernel Learners: The Silent Alignment Effect, ICLR 2022',
    url: 'https://arxiv.org/abs/2111.00034',
    notation: [
      ['P, D, N, L', 'number of inputs, their dimension, width of the hidden layers, number of layers'],
      ['σ, σ̃', 'weights start from N(0, σ²/fan-in); σ̃ = σ/s^{1/L}, in units of the size of the teacher'],
      ['β, s', 'direction and size of the teacher, y = s β·x'],
      ['Σ̂, γ', 'XᵀX/P; inputs are whitened where it is a projection, and X = √P U S^γ Vᵀ where they are not (γ = 1: not at all)'],
      ['K_t, K_∞', 'tangent kernel at time t of gradient flow, and at its end'],
      [
        'A, A_0, A_max, r',
        'alignment yᵀKy/(‖K‖_F |y|²) of the kernel with the labels, at the start, and at most: L/√(L² + r − 1), r = min(P, D)',
      ],
      ['c', 'the part of the teacher that is learned, from 0 to s (to 1 in units of s)'],
    ],
  },
  min2024: {
    citation: 'Min, Mallada, Vidal: Early Neuron Alignment in Two-layer ReLU Networks with Small Initialization, ICLR 2024',
    url: 'https://arxiv.org/abs/2307.12851',
    notation: [
      ['f, h, ε', 'f(x) = Σ_j v_j relu(w_j·x) with h neurons, weights of size ε at the start, v_j = ±‖w_j‖'],
      ['L', 'the loss Σ_i ℓ(y_i f(x_i)), ℓ exponential or logistic, labels y = ±1'],
      ['μ', 'coherence of the data: min cos(y_i x_i, y_j x_j), which the theorem asks to be positive'],
      ['V_±', 'neurons with v_j > 0, with v_j < 0'],
      ['S_+, S_−, S_dead', 'neurons that activate exactly the inputs with positive labels, with negative ones, none'],
      ['x_±', 'sum of the inputs with positive, with negative labels'],
      ['X_min, X_max, W_max', 'least and largest norm of an input, largest norm of a row of W(0)/ε'],
      ['ζ₂', 'how far the start is from degenerate: no neuron of V_+ points along x_−, none of V_− along x_+'],
      ['t₁, T, t₂', 'the time by which neurons are aligned, up to which norms stay small, at which both classes have grown'],
    ],
  },
};
