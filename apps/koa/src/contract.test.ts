import { contract } from "@authmodes/app-contract";
import { start } from "./index.ts";

contract(start);
