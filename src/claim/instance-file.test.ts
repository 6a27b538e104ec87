import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { claims } from '../../properties/index.js';
import { temporaryFolder } from '../testing/cli.js';
import { instanceAt } from './claim.js';
import { readInstance } from './instance-file.js';

it('reads every instance that a claim may draw', () => {
  const file = join(temporaryFolder(), 'case.json');
  for (const claim of claims) {
    for (let k = 0; k < 30; k++) {
      const instance = instanceAt(claim.variants[0], 7, String(k));
      writeFileSync(file, JSON.stringify({ instance }));
      expect(readInstance(claim, file)).toEqual(JSON.parse(JSON.stringify(instance)));
    }
  }
});
