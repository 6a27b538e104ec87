import type { Capability, Families } from '../models/capability.js';
import type { Subject } from '../subject/subject.js';

const families = ['twoLayer', 'layered', 'flow', 'neurons'] as const satisfies readonly (keyof Families)[];

/** The subject, which notes in `used` what it is asked to compute. */
export function recording(subject: Subject, used: Set<Capability>): Subject {
  const { name, backend, device, roundoff } = subject;
  const watched = families.flatMap((family) => {
    const model = subject[family] as Readonly<Record<string, unknown>> | undefined;
    if (!model) return [];
    const methods = Object.entries(model).map(([method, compute]) => {
      const noted = (...given: readonly unknown[]) => {
        used.add(`${family}.${method}` as Capability);
        return Reflect.apply(compute as () => unknown, model, given);
      };
      return [method, noted] as const;
    });
    return [[family, Object.fromEntries(methods)] as const];
  });
  return {
    name,
    backend,
    device,
    roundoff,
    activationError: (of) => subject.activationError(of),
    ...Object.fromEntries(watched),
  };
}
