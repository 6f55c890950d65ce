/**
 * Takes control characters out of text that came from a document, a file name or a server, so that it cannot drive the
 * terminal (escape sequences can retitle it, move the cursor or write to the clipboard). Line breaks and tabs stay.
 */
export const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]/gu, '')
