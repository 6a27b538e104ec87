import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { RateMeasurement, Series } from '../claim/claim.js';
import { type Markup, markup } from './html.js';

/** Wide enough for a phone without shrinking the letters much. */
const WIDTH = 460;
const { document } = parseHTML('<!doctype html><html><body></body></html>');

const colours = { own: 'var(--own)', control: 'var(--control)', baseline: 'var(--quiet)', limit: 'var(--limit)' } as const;
const curveColours = ['var(--own)', 'var(--control)', 'var(--third)', 'var(--fourth)', 'var(--quiet)'];

/** An SVG picture with a label for those who do not see it. */
function picture(label: string, options: Plot.PlotOptions): Markup {
  const svg = Plot.plot({
    document,
    width: WIDTH,
    style: { fontSize: '12px' },
    ...options,
  }) as unknown as typeof document.documentElement;
  // The page's own style applies.
  svg.querySelector('style')?.remove();
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  return markup(svg.outerHTML);
}

/** One row of a picture of distributions. */
export interface Distribution {
  readonly name: string;
  readonly role: 'own' | 'control' | 'baseline';
  readonly values: readonly number[];
}

/** Ratios beyond these are drawn at the edge. */
const EDGES = [1e-6, 1e6] as const;
const clamp = (value: number) => Math.min(EDGES[1], Math.max(EDGES[0], value));
const powers = (low: number, high: number) => Array.from({ length: Math.max(0, high - low + 1) }, (_, k) => 10 ** (low + k));
const superscript = (exponent: number) =>
  [...String(exponent)].map((character) => (character === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(character)]!)).join('');

/** A power of ten as a label: plain from .01 to 100. */
function powerLabel(value: number): string {
  const exponent = Math.round(Math.log10(value));
  return Math.abs(exponent) <= 2 ? String(Number(value.toPrecision(1))) : `10${superscript(exponent)}`;
}

/** Ticks of a logarithmic axis over these values: the powers of ten among them, at most about six. */
function powerTicks(values: readonly number[]): number[] {
  const [low, high] = [Math.ceil(Math.log10(Math.min(...values))), Math.floor(Math.log10(Math.max(...values)))];
  const every = Math.ceil((high - low) / 6) || 1;
  return powers(low, high).filter((_, k) => (low + k) % every === 0);
}

/** What a picture of distributions is drawn on. */
interface Axis {
  readonly scale: 'log' | 'linear';
  /** Values beyond it are violations. */
  readonly limit: number;
  readonly axis: string;
}

/** Every margin as a line, the claim above its controls, against the limit. */
export function distributionPicture(label: string, rows: readonly Distribution[], { scale, limit, axis }: Axis): Markup {
  const points = rows.flatMap(({ name, role, values }) =>
    values.map((value) => ({ name, role, margin: scale === 'log' ? clamp(value) : value })),
  );
  const all = [...points.map(({ margin }) => margin), limit];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = (most - least) * 0.05 || 1;
  const domain = scale === 'log' ? [least / 1.5, most * 1.5] : [least - room, most + room];
  return picture(label, {
    height: 44 * rows.length + 60,
    marginLeft: 12,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 44,
    x: { domain, label: axis, labelOffset: 38, ...(scale === 'log' ? logScale(domain) : { ticks: 5 }) },
    fy: { domain: rows.map(({ name }) => name), axis: null, padding: 0.1 },
    marks: [
      Plot.rectX([{}], { x1: limit, x2: domain[1]!, fill: colours.limit, fillOpacity: 0.08 }),
      Plot.ruleX([limit], { stroke: colours.limit, strokeDasharray: '4 3' }),
      Plot.text(rows, { fy: 'name', text: 'name', frameAnchor: 'top-left', fill: 'currentColor' }),
      Plot.tickX(points, {
        fy: 'name',
        x: 'margin',
        stroke: ({ role }) => colours[role as Distribution['role']],
        strokeOpacity: 0.6,
        strokeWidth: 1.5,
        insetTop: 18,
      }),
    ],
  });
}

/** A number against its prediction: how far its mean is off, with its interval and its tolerance. */
export interface Deviation {
  readonly name: string;
  readonly stratum: string;
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
  readonly acceptLower: number;
  readonly acceptUpper: number;
  readonly tolerance: number;
}

/** Intervals of deviations on the bands of their tolerances: a panel for each number, a row for each stratum. */
export function deviationPicture(label: string, rows: readonly Deviation[]): Markup {
  const edge = 1.1 * Math.max(...rows.flatMap(({ lower, upper, tolerance }) => [-lower, upper, tolerance]));
  const panels = new Set(rows.map(({ name }) => name)).size;
  return picture(label, {
    height: 50 + 22 * panels + 18 * rows.length,
    marginLeft: 110,
    marginRight: 12,
    marginBottom: 40,
    x: { label: 'deviation from the prediction →', domain: [-edge, edge], ticks: 5, grid: true },
    // Strata may be numbers, as depths are.
    y: { type: 'band', label: null },
    fy: { label: null, axis: null, padding: 0.15 },
    marks: [
      Plot.text(rows, Plot.selectFirst({ fy: 'name', text: 'name', frameAnchor: 'top-left', dy: -12, fill: 'currentColor' })),
      Plot.barX(rows, {
        fy: 'name',
        y: 'stratum',
        x1: ({ tolerance }) => -tolerance,
        x2: 'tolerance',
        fill: colours.own,
        fillOpacity: 0.2,
      }),
      Plot.ruleX([0], { stroke: colours.limit, strokeDasharray: '5 3' }),
      Plot.ruleY(rows, { fy: 'name', y: 'stratum', x1: 'lower', x2: 'upper', stroke: colours.own, strokeWidth: 1 }),
      Plot.ruleY(rows, { fy: 'name', y: 'stratum', x1: 'acceptLower', x2: 'acceptUpper', stroke: colours.own, strokeWidth: 3 }),
      Plot.dot(rows, { fy: 'name', y: 'stratum', x: 'mean', fill: colours.own, r: 3 }),
    ],
  });
}

/** One list of points per replicate. */
export type Ladders = readonly RateMeasurement['points'][];

interface Slope {
  readonly lower: number;
  readonly upper: number;
  readonly claimed: number;
}

const geometricMean = (values: readonly number[]) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** The geometric mean of the replicates at each size. */
export function meanLadder(ladders: Ladders): RateMeasurement['points'] {
  return ladders[0]!.map(({ size }, k) => ({ size, value: geometricMean(ladders.map((points) => points[k]!.value)) }));
}

/** Log–log: every replicate of the claim, the means, and the band of slopes through the middle of the claim's mean. */
export function ladderPicture(label: string, own: Ladders, controls: readonly Ladders[], slope: Slope | null): Markup {
  const ownMean = meanLadder(own);
  const sizes = ownMean.map(({ size }) => size);
  const centre = { size: geometricMean(sizes), value: geometricMean(ownMean.map(({ value }) => value)) };
  const through = (size: number, exponent: number) => centre.value * (size / centre.size) ** exponent;
  // Each control from where the claim starts: only slopes are compared.
  const shifted = controls.map((ladders) => {
    const points = meanLadder(ladders);
    return points.map(({ size, value }) => ({ size, value: (value * ownMean[0]!.value) / points[0]!.value }));
  });
  return picture(label, {
    height: 300,
    marginLeft: 56,
    marginRight: 20,
    marginBottom: 40,
    x: { type: 'log', label: 'size →', ticks: sizes, tickFormat: String },
    y: {
      type: 'log',
      label: '↑ value',
      ticks: 6,
      tickFormat: plainLabel,
      grid: true,
    },
    marks: [
      own.map((points) => Plot.line(points, { x: 'size', y: 'value', stroke: colours.own, strokeOpacity: 0.25 })),
      slope &&
        Plot.areaY(sizes, {
          x: (size) => size,
          y1: (size) => through(size, slope.lower),
          y2: (size) => through(size, slope.upper),
          fill: colours.own,
          fillOpacity: 0.2,
        }),
      shifted.map((points) =>
        Plot.line(points, { x: 'size', y: 'value', stroke: colours.control, strokeWidth: 1.5, strokeDasharray: '2 2' }),
      ),
      slope &&
        Plot.line(sizes, {
          x: (size) => size,
          y: (size) => through(size, slope.claimed),
          stroke: colours.limit,
          strokeDasharray: '5 3',
        }),
      Plot.line(ownMean, { x: 'size', y: 'value', stroke: colours.own, strokeWidth: 2.5 }),
      Plot.dot(ownMean, { x: 'size', y: 'value', fill: colours.own, r: 3 }),
    ],
  });
}

/** A tick of an axis that spans less than two powers of ten. */
const plainLabel = (value: number) => String(Number(value.toPrecision(2)));

/** A logarithmic scale over these values. */
function logScale(values: readonly number[]) {
  const ticks = powerTicks(values);
  return ticks.length > 1
    ? ({ type: 'log', ticks, tickFormat: powerLabel } as const)
    : ({ type: 'log', ticks: 4, tickFormat: plainLabel } as const);
}

/** Curves over time; `curveKey` names them. Null where there is no point to draw. */
export function seriesPicture(label: string, { over, at, curves, scale, overScale = 'linear' }: Series): Markup | null {
  const keys = curveKey({ curves });
  const visible = (value: number, on: 'linear' | 'log') => Number.isFinite(value) && (on === 'linear' || value > 0);
  const points = keys.flatMap(({ name }) =>
    curves[name]!.map((value, k) => ({ name, at: at[k]!, value })).filter(
      (point) => visible(point.value, scale) && visible(point.at, overScale),
    ),
  );
  if (points.length === 0) return null;
  return picture(label, {
    height: 280,
    marginLeft: 60,
    marginRight: 12,
    marginBottom: 40,
    x: { label: `${over} →`, ...(overScale === 'log' ? logScale(points.map((point) => point.at)) : { ticks: 5 }) },
    y: {
      label: null,
      grid: true,
      ...(scale === 'log' ? logScale(points.map(({ value }) => value)) : { zero: true, ticks: 5 }),
    },
    marks: keys.map(({ name, colour, dashed }) =>
      Plot.line(
        points.filter((point) => point.name === name),
        { x: 'at', y: 'value', stroke: colour, strokeWidth: 2, strokeDasharray: dashed ? '6 3' : 'none' },
      ),
    ),
  });
}

/** The names of the curves in their colours, as a key of the picture. */
export function curveKey({
  curves,
}: Pick<Series, 'curves'>): { readonly name: string; readonly colour: string; readonly dashed: boolean }[] {
  return Object.keys(curves).map((name, k) => ({
    name,
    colour: curveColours[k % curveColours.length]!,
    dashed: k % 2 === 1,
  }));
}
