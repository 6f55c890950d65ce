/** Plain text as Markdown that shows it as it is. */
export const escaped = (text: string): string =>
  text
    .replaceAll(/[\\`*_[\]<>|~&]/g, String.raw`\$&`)
    // What makes a heading, a list or a rule at the beginning of a line.
    .replaceAll(/^(\s*)([#+=-]|\d+(?=[.)]))/gm, (_, blank: string, sign: string) =>
      /\d/.test(sign) ? `${blank}${sign}\\` : `${blank}\\${sign}`,
    )
