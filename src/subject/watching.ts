import type { Capability, Families } from '../models/capability.js';
import type { Subject } from './subject.js';

/** The subject, be it of a class, with `touch` called whenever it is asked to compute: with the capability that it is asked for. */
export function watching(subject: Subject, touch: (capability: Capability) => void): Subject {
  const { name, backend, device, roundoff, twoLayer, layered, flow, neurons } = subject;
  return {
    name,
    backend,
    device,
    roundoff,
    activationError: (activation) => subject.activationError(activation),
    ...(twoLayer && { twoLayer: watchedModel('twoLayer', twoLayer, touch) }),
    ...(layered && { layered: watchedModel('layered', layered, touch) }),
    ...(flow && { flow: watchedModel('flow', flow, touch) }),
    ...(neurons && { neurons: watchedModel('neurons', neurons, touch) }),
  };
}

/** The proxy is one of another object, for that of a frozen one must give what it has. */
function watchedModel<M extends object>(family: keyof Families, model: M, touch: (capability: Capability) => void): M {
  const get = (_: object, name: string | symbol) => {
    const member = Reflect.get(model, name) as unknown;
    if (typeof member !== 'function') return member;
    return (...given: readonly unknown[]) => {
      touch(`${family}.${String(name)}` as Capability);
      return Reflect.apply(member, model, given);
    };
  };
  return new Proxy<object>({}, { get }) as M;
}
