// Its fonts are the reader's own: the site loads nothing from elsewhere.
import theme from "vitepress/theme-without-fonts";
import "./style.css";

export default theme;
