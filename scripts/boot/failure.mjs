/** Something that a person can put right: boot prints the message as one line, without a stack, and ends with code 1. */
export class BootFailure extends Error {}
