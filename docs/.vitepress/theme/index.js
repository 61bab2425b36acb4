import "./style.css";

// Its fonts are the reader's own: the site loads nothing from elsewhere, and less of its own.
export { default } from "vitepress/theme-without-fonts";
