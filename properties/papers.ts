/** What the claims of a folder are about: a paper with its citation, or the laws. */
export const papers: Readonly<Record<string, { readonly citation: string; readonly url: string | null }>> = {
  laws: { citation: 'Exact identities, which every implementation must satisfy but for rounding.', url: null },
  hu2020: {
    citation:
      'Hu, Xiao, Adlam, Pennington: The Surprising Simplicity of the Early-Time Learning Dynamics of Neural Networks, NeurIPS 2020',
    url: 'https://arxiv.org/abs/2006.14599',
  },
  atanasov2022: {
    citation: 'Atanasov, Bordelon, Pehlevan: Neural Networks as Kernel Learners: The Silent Alignment Effect, ICLR 2022',
    url: 'https://arxiv.org/abs/2111.00034',
  },
  min2024: {
    citation: 'Min, Mallada, Vidal: Early Neuron Alignment in Two-layer ReLU Networks with Small Initialization, ICLR 2024',
    url: 'https://arxiv.org/abs/2307.12851',
  },
};
