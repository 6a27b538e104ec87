import type { Command } from 'commander';
import { selectClaims } from '../claim/registry.js';
import { claimsOption, jsonOption } from './options.js';
import { printJson, say } from './output.js';

export function addList(program: Command): void {
  program
    .command('list')
    .description('the claims: id, statement, source, assumptions')
    .argument('[claim...]', 'ids, or a paper such as hu2020; all when none is given')
    .addOption(claimsOption())
    .addOption(jsonOption())
    .action((selectors: string[], { json }: { json?: boolean }) => {
      const claims = selectClaims(selectors);
      if (json) {
        printJson({
          claims: claims.map(({ id, kind, statement, source, assumptions }) => ({ id, kind, statement, source, assumptions })),
        });
        return;
      }
      for (const { id, kind, title, statement, source, assumptions, needs, profile, variants } of claims) {
        say(`${id} (${kind}): ${title}`);
        if (statement !== title) say(`  ${statement}`);
        if (profile !== 'quick') say(`  runs with --profile ${profile}, or when it is named`);
        say(`  source: ${source.paper}, ${source.place}`);
        if (assumptions.length > 0) say(`  assumes: ${assumptions.join('; ')}`);
        if (needs.length > 0) say(`  asks a subject for: ${needs.join(', ')}`);
        const controls = variants.flatMap(({ control, statement: wrong, profile: least }) =>
          control === null ? [] : [`${control} (${wrong}${least === 'quick' ? '' : `; with --profile ${least}`})`],
        );
        say(`  must refute: ${controls.join('; ')}`);
        say();
      }
    });
}
