/**
 * Diagrams: a schema becomes a picture, and that a drawing; a transition becomes a sequence, and that a drawing.
 *
 * @module
 */
export { toModel } from "../schema/model.ts";
export * from "./picture.ts";
export * from "./mermaid.ts";
export * from "./dot.ts";
export { loadLayout } from "./layout.ts";
export * from "./svg.ts";
export * from "./sequence.ts";
export * from "./sequence_mermaid.ts";
export * from "./sequence_svg.ts";
