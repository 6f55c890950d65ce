export const runImages = async () => {}
