export * from "./machine/mod.ts";
