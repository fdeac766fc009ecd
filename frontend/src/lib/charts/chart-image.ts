// The bars of a view as a PNG, drawn on a canvas: crisp at any size, in the colours of the page,
// and without reading a drawing back that the content security policy would not let load.
import { axisNumber, niceScale } from './chart-scale';
import type { Tick } from '@/lib/labels/hour-labels';

/** `estimated`: kWh of each slot that are estimated; they are hatched at the top of its bar. */
export type ImageLayer = { name: string; colour: string; values: readonly (number | null)[]; estimated: readonly number[] };
export type ChartImage = {
  title: string;
  subtitle: string;
  unit: string;
  layers: readonly ImageLayer[];
  compared: { name: string; values: readonly (number | null)[] } | null;
  ticks: readonly Tick[];
  missing: readonly { from: number; to: number }[];
  /** Slots whose figure is not final: in progress, or with hours missing. */
  unfinished: readonly boolean[];
  /** kWh drawn as a line, with its name; null: none in sight. */
  limit: { kwh: number; name: string } | null;
  slots: number;
};

const [WIDTH, HEIGHT, SCALE] = [1200, 560, 2];
const PLOT = { left: 64, right: 32, top: 104, bottom: 84 };

export async function chartImage(chart: ChartImage): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * SCALE;
  canvas.height = HEIGHT * SCALE;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.scale(SCALE, SCALE);
  draw(context, chart);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('no image')) : resolve(blob)), 'image/png');
  });
}

/** Opacity of bars that still grow or lack hours, as on the page. */
const UNFINISHED = 0.55;
const [COMPARED_DASH, LIMIT_DASH] = [[5, 4], [10, 6]];

const font = (size: number, weight = 400) => `${weight} ${size}px 'Inter Variable', system-ui, sans-serif`;

function draw(c: CanvasRenderingContext2D, chart: ChartImage): void {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const write = (text: string, x: number, y: number, of: string, how: string, align: CanvasTextAlign = 'left') => {
    c.font = how;
    c.fillStyle = of;
    c.textAlign = align;
    c.fillText(text, x, y);
  };
  const [text, dimmed] = [colour('--ems-text'), colour('--ems-dimmed')];
  c.fillStyle = colour('--ems-surface');
  c.fillRect(0, 0, WIDTH, HEIGHT);
  write(chart.title, 32, 44, text, font(22, 600));
  write(chart.subtitle, 32, 72, dimmed, font(15), 'left');
  write(chart.unit, WIDTH - PLOT.right, 44, dimmed, font(15), 'right');

  const sums = Array.from({ length: chart.slots }, (_, i) => chart.layers.reduce((sum, layer) => sum + (layer.values[i] ?? 0), 0));
  const scale = niceScale(Math.max(0, chart.limit?.kwh ?? 0, ...sums, ...(chart.compared?.values ?? []).map((kwh) => kwh ?? 0)));
  const [wide, high] = [WIDTH - PLOT.left - PLOT.right, HEIGHT - PLOT.top - PLOT.bottom];
  const x = (slot: number) => PLOT.left + (wide * slot) / chart.slots;
  const y = (kwh: number) => PLOT.top + high * (1 - kwh / scale.top);

  for (const tick of scale.ticks) {
    c.fillStyle = colour('--ems-line');
    c.fillRect(PLOT.left, Math.round(y(tick)), wide, 1);
    write(axisNumber(tick, scale), PLOT.left - 10, y(tick) + 5, dimmed, font(14), 'right');
  }
  c.strokeStyle = colour('--ems-hatch');
  c.lineWidth = 2;
  for (const { from, to } of chart.missing) hatch(c, x(from), PLOT.top, x(to + 1) - x(from), high);

  const bar = (wide / chart.slots) * 0.72;
  sums.forEach((_, slot) => {
    let below = 0;
    for (const layer of chart.layers) {
      const kwh = layer.values[slot];
      if (kwh == null) continue;
      c.fillStyle = colour(layer.colour);
      c.globalAlpha = chart.unfinished[slot] === true ? UNFINISHED : 1;
      c.fillRect(x(slot) + (wide / chart.slots - bar) / 2, y(below + kwh), bar, Math.max(1, y(below) - y(below + kwh) - 1));
      const estimated = Math.min(kwh, layer.estimated[slot] ?? 0);
      if (estimated > 0) {
        c.globalAlpha = 1;
        c.strokeStyle = colour('--ems-surface');
        c.lineWidth = 3;
        hatch(c, x(slot) + (wide / chart.slots - bar) / 2 + 1, y(below + kwh) + 1, bar - 2, y(below + kwh - estimated) - y(below + kwh) - 1);
      }
      below += kwh;
    }
  });
  c.globalAlpha = 1;
  if (chart.compared !== null) steps(c, chart.compared.values, x, y, colour('--ems-text'));
  if (chart.limit !== null) dashes(c, PLOT.left, WIDTH - PLOT.right, y(chart.limit.kwh), colour('--ems-limit'), LIMIT_DASH);
  for (const tick of chart.ticks) {
    write(tick.label, (x(tick.index) + x(tick.index + 1)) / 2, HEIGHT - PLOT.bottom + 24, tick.strong ? text : dimmed, font(14, tick.strong ? 600 : 400), 'center');
  }
  legend(chart, colour, (name, at, of) => write(name, at, HEIGHT - 22, of, font(14)), c);
}

function hatch(c: CanvasRenderingContext2D, left: number, top: number, wide: number, high: number): void {
  c.save();
  c.beginPath();
  c.rect(left, top, wide, high);
  c.clip();
  for (let at = -high; at < wide; at += 10) {
    c.beginPath();
    c.moveTo(left + at, top + high);
    c.lineTo(left + at + high, top);
    c.stroke();
  }
  c.restore();
}

function steps(
  c: CanvasRenderingContext2D,
  values: readonly (number | null)[],
  x: (slot: number) => number,
  y: (kwh: number) => number,
  colour: string,
): void {
  c.save();
  c.strokeStyle = colour;
  c.setLineDash(COMPARED_DASH);
  c.beginPath();
  let drawing = false;
  values.forEach((kwh, slot) => {
    if (kwh === null) {
      drawing = false;
      return;
    }
    if (drawing) c.lineTo(x(slot), y(kwh));
    else c.moveTo(x(slot), y(kwh));
    c.lineTo(x(slot + 1), y(kwh));
    drawing = true;
  });
  c.stroke();
  c.restore();
}

function legend(
  chart: ChartImage,
  colour: (name: string) => string,
  write: (name: string, at: number, of: string) => void,
  c: CanvasRenderingContext2D,
): void {
  let at = PLOT.left;
  const entry = (name: string, wide: number, mark: (from: number, to: number, y: number) => void) => {
    mark(at, at + wide, HEIGHT - 27);
    write(name, at + wide + 8, colour('--ems-dimmed'));
    at += wide + 32 + c.measureText(name).width;
  };
  for (const { name, colour: of } of chart.layers.length > 1 ? chart.layers : []) {
    entry(name, 12, (from, _, y) => {
      c.fillStyle = colour(of);
      c.fillRect(from, y - 6, 12, 12);
    });
  }
  const line = (of: string, dash: number[]) => (from: number, to: number, y: number) => dashes(c, from, to, y, colour(of), dash);
  if (chart.compared !== null) entry(chart.compared.name, 28, line('--ems-text', COMPARED_DASH));
  if (chart.limit !== null) entry(chart.limit.name, 28, line('--ems-limit', LIMIT_DASH));
}

function dashes(c: CanvasRenderingContext2D, from: number, to: number, y: number, colour: string, dash: number[]): void {
  c.save();
  c.strokeStyle = colour;
  c.lineWidth = 2;
  c.setLineDash(dash);
  c.beginPath();
  c.moveTo(from, y);
  c.lineTo(to, y);
  c.stroke();
  c.restore();
}
