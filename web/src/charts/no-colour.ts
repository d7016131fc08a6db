/**
 * Stands in for the colour arithmetic that Chart.js brings along (tools/vite-plugins.mjs puts it there): it is for
 * colours between colours, of animation and hover, which our charts have none of. Saves 4 KiB.
 */
export class Color {
  readonly valid = false;
  constructor(private readonly value: unknown) {}
  saturate(): this {
    return this;
  }
  darken(): this {
    return this;
  }
  hexString(): unknown {
    return this.value;
  }
}
