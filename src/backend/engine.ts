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

export const backendNames = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

export const backendChoices = ['auto', ...backendNames] as const;
export type BackendChoice = (typeof backendChoices)[number];
