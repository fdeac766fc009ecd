// The colours of devices in a stack; of many devices the last share the grey one.
import { ranking } from './shares';
import { together, total, type Slot } from './slots';

/** Coloured devices; all further ones share the sixth colour. */
export const COLOURED = 5;

/** More devices than this are not read one by one into a total. */
export const MOST_STACKED = 200;

/** Of more devices than this, only what is asked for is read: no comparison by itself, and no heat map. */
export const FEW_STACKED = 24;

export type DeviceSlots = { id: string; name: string; slots: Slot[] };
/** `devices`: those that the layer represents. */
export type Layer = DeviceSlots & { colour: string; devices: readonly DeviceSlots[] };

export const OTHERS = 'others';

/** Layers from the bottom of the stack to its top, in the order of the list: a device keeps its colour. */
export function layersOf(devices: readonly DeviceSlots[], othersName: (n: number) => string): Layer[] {
  const coloured = devices.length <= COLOURED + 1 ? devices : devices.slice(0, COLOURED);
  const layers = coloured.map((device, index) => ({ ...device, colour: `--ems-stack${index + 1}`, devices: [device] }));
  const rest = devices.slice(coloured.length);
  if (rest.length === 0) return layers;
  const slots = together(rest.map((device) => device.slots));
  return [...layers, { id: OTHERS, name: othersName(rest.length), slots, colour: `--ems-stack${COLOURED + 1}`, devices: rest }];
}

/** Return the devices of the layers from most to least energy, each in the colour of its layer. */
export function rankedDevices(layers: readonly Layer[]) {
  return ranking(layers.flatMap(({ devices, colour }) => devices.map(({ id, name, slots }) => ({ id, name, colour, kwh: total(slots) }))));
}
