import { Alert, createTheme, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#edf2ff",
  "#d9e2fb",
  "#b1c3f3",
  "#86a2ec",
  "#6285e6",
  "#4b73e2",
  "#3e69e1",
  "#2f5bd8",
  "#2650b8",
  "#1a439f",
];

/** Quiet: one accent for what can be acted on; other colour only where it means something. */
export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 7,
  colors: { accent },
  defaultRadius: "md",
  autoContrast: true,
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  // A light colour on a lighter one of the same is hard to read: the ground says what kind it is.
  components: { Alert: Alert.extend({ styles: { title: { color: "var(--mantine-color-text)" } } }) },
  headings: { fontWeight: "620" },
});
