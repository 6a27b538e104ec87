/** The device behind a tfjs backend. */
export interface Engine {
  readonly device: string;
  /** A GPU, as against a CPU or a software renderer. */
  readonly hardware: boolean;
  /** Numbers that one tensor may have. */
  readonly largestTensor: number;
  /** Resolves with the cause when the device is lost or refuses a command; never for devices that cannot. */
  readonly failed: Promise<string>;
  close(): void;
}

export type BackendName = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';
