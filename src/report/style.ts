/** The style of a page: light and dark, phone and print; text has at least the contrast 4.5 to 1 of WCAG AA. */
export const style = `
:root { color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --soft: #f3f5f8;
  --own: #0b5cad; --control: #9a4a00; --third: #1a7f37; --fourth: #8250df; --limit: #b3261e; --good: #116329; --bad: #a40e26; --open: #7a4d00; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #0d1117; --ink: #e6edf3; --quiet: #9aa6b2; --line: #3d444d; --soft: #161b22;
  --own: #6cb2ff; --control: #f0a35e; --third: #56d364; --fourth: #d2a8ff; --limit: #ff8078; --good: #5fd068; --bad: #ff8a8a; --open: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
main, header, footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 1.5rem 0 .5rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1.05rem; margin: 0; }
a { color: var(--own); } a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--own); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; }
.banner { border-left: .4rem solid var(--good); background: var(--soft); padding: .75rem 1rem; font-size: 1.1rem; } .banner.bad { border-color: var(--bad); } .banner.caution { border-color: var(--open); } .banner.good { color: inherit; }
.good { color: var(--good); } .bad { color: var(--bad); } .open, .quiet { color: var(--quiet); } .open { color: var(--open); }
.verdict { font-weight: 600; }
dl.facts { display: grid; grid-template-columns: fit-content(11rem) 1fr; gap: .2rem 1rem; margin: 1rem 0; } dl.facts dt { color: var(--quiet); } dl.facts dd { margin: 0; min-width: 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .875rem; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; } th, td { text-align: left; padding: .2rem .75rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td .theory { display: block; min-width: 14rem; } article { border-top: 1px solid var(--line); padding: 1.25rem 0; } article p { margin: .4rem 0; }
.heading { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; justify-content: space-between; }
.formula { overflow-x: auto; overflow-y: hidden; padding: .25rem 0; } math { font-size: 1.1em; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.5rem; align-items: start; }
figure { margin: .75rem 0; min-width: 0; } figure svg { display: block; width: 100%; max-width: 30rem; height: auto; overflow: visible; color: var(--ink); background: transparent; }
figcaption { font-size: .875rem; color: var(--quiet); } .key { font-weight: 600; }
pre { background: var(--soft); padding: .6rem .75rem; overflow-x: auto; font-size: .8125rem; white-space: pre-wrap; } code { font-size: .9em; }
details { margin: .4rem 0; } summary { cursor: pointer; }
@media print { :root { color-scheme: light;
    --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; --soft: #f3f3f3;
    --own: #0b5cad; --control: #9a4a00; --third: #1a7f37; --fourth: #8250df; --limit: #b3261e; --good: #116329; --bad: #a40e26; --open: #7a4d00; }
  .skip, nav { display: none; } body { font-size: 10pt; } figure, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; } .scroll, .formula, pre { overflow: visible; } }
`;
