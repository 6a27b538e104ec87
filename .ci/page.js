// Opens pages in a real browser, at two widths, light and dark, and in print: no error, nothing fetched, pictures have size, links lead somewhere, nothing is
// wider than the screen, and axe finds no violation of WCAG 2 A and AA. `node .ci/page.js <page.html...>` leaves screenshots beside each page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const problems = [];

/** What is wrong with the page as it is now. */
function faults() {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  const pictures = [...document.querySelectorAll('svg[role=img]')];
  if (pictures.length === 0) found.push('there is no picture');
  for (const picture of pictures) {
    const { width, height } = picture.getBoundingClientRect();
    if (width < 100 || height < 40) found.push(`a picture is ${width}×${height}: ${picture.getAttribute('aria-label')}`);
    if (/NaN|undefined|Infinity/.test(picture.outerHTML))
      found.push(`a picture has no numbers: ${picture.getAttribute('aria-label')}`);
  }
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    if (!document.getElementById(decodeURIComponent(link.hash.slice(1)))) found.push(`a link leads nowhere: ${link.hash}`);
  }
  return found;
}

for (const file of process.argv.slice(2)) {
  for (const [width, height] of [
    [390, 844],
    [1280, 900],
  ]) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      const page = await context.newPage();
      const complain = (text) => problems.push(`${file} at ${width} px, ${colorScheme}: ${text}`);
      page.on('pageerror', (error) => complain(`error: ${error.message}`));
      page.on('console', (message) => message.type() === 'error' && complain(`console: ${message.text()}`));
      page.on('request', (request) => !/^(file|data):/.test(request.url()) && complain(`fetches ${request.url()}`));
      await page.goto(pathToFileURL(resolve(file)).href);
      for (const fault of await page.evaluate(faults)) complain(fault);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] }));
      for (const { id, help, nodes } of violations)
        complain(`${id}: ${help} (${nodes.length} times, as in ${nodes[0].html.slice(0, 200)})`);
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.className)) !== 'skip')
        complain('the first Tab does not reach the skip link');
      await page.screenshot({ path: join(dirname(file), `page-${width}-${colorScheme}.png`) });
      if (width === 1280 && colorScheme === 'light') await page.pdf({ path: join(dirname(file), 'page.pdf') });
      await context.close();
    }
  }
}
await browser.close();
for (const problem of problems) console.error(problem);
console.log(`${process.argv.length - 2} pages, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
