import { claims } from '../../properties/index.js';
import { papers } from '../../properties/papers.js';
import { ship } from '../claim/registry.js';

// For tests of what asks the registry: it is empty until somebody fills it.
ship(claims, papers);
