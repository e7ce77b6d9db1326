/** `0.4 %`, `40 %`. */
export const percent = (share: number): string => {
  const value = share * 100;
  return `${value > 0 && value < 10 ? Math.max(0.1, Math.round(value * 10) / 10) : Math.round(value)} %`;
};
