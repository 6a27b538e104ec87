import type { Families } from '../models/capability.js';
import type { Implementation } from '../models/implementation.js';

/** What is under test: an implementation, and the model families that it offers. A family left out, or a method of it, is a missing capability. */
export type Subject = Implementation & Families;
