// Where panels stand on a dashboard: each as high up as there is room for it, from left to right.

/** Columns of Grafana's grid. */
const WIDTH = 24;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** @param sizes of the panels in their order: columns, and rows of 30 pixels */
export function placesOf(sizes: readonly (readonly [width: number, height: number])[]): Place[] {
  const filled = new Array<number>(WIDTH).fill(0);
  return sizes.map(([w, h]) => {
    const rooms = Array.from({ length: WIDTH - w + 1 }, (_, x) => ({
      x,
      y: Math.max(...filled.slice(x, x + w)),
    }));
    const { x, y } = rooms.reduce((best, room) => (room.y < best.y ? room : best));
    filled.fill(y + h, x, x + w);
    return { x, y, w, h };
  });
}
