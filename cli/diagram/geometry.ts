/** A place, in pixels: x to the right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A size, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle by its upper left corner, in pixels. */
export interface Rect extends Point, Size {}
