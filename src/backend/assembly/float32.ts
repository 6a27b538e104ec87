// What the built-in subject computes on the WASM backend in one call each.
export * from './two-layer';
