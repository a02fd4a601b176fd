/** bcrypt reads no more than 72 bytes, so a longer password is refused instead of being cut in silence. */
export const MAX_PASSWORD_BYTES = 72;
export const MIN_PASSWORD_CHARACTERS = 12;
