// Command golog verifies a sealed log with golang.org/x/mod/sumdb alone, as a second opinion
// that shares no code, no language and no author with the ledger.
//
//	golog log VKEY DIR                 checkpoint, every tile and every entry
//	golog proof VKEY PROOF EVENT       one event under a checkpoint
//	golog grown VKEY OLDNOTE DIR       the log continues an older checkpoint
//
// Prints one line "ok …" and exits with 0, or the reason and 1.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if len(os.Args) < 4 {
		fmt.Println("usage: golog log|proof|grown VKEY …")
		os.Exit(2)
	}
	line, err := run(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ok", line)
}

func run(command, vkey string, args []string) (string, error) {
	switch {
	case command == "log" && len(args) == 1:
		return checkLog(vkey, args[0])
	case command == "proof" && len(args) == 2:
		return checkProof(vkey, args[0], args[1])
	case command == "grown" && len(args) == 2:
		return checkGrown(vkey, args[0], args[1])
	}
	return "", errors.New("unknown command")
}

// openCheckpoint verifies the note and reads its three lines: origin, size, root.
func openCheckpoint(vkey string, content []byte) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(content, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, errors.New("size")
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// folder reads tiles as plain files; the height is no part of their paths.
type folder string

func (f folder) Height() int                         { return height }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) path(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return filepath.Join(string(f), strings.Replace(path, "tile/data/", "tile/entries/", 1))
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		content, err := os.ReadFile(f.path(tile))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

func openLog(vkey, directory string) (tlog.Tree, tlog.HashReader, error) {
	content, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	tree, err := openCheckpoint(vkey, content)
	return tree, tlog.TileHashReader(tree, folder(directory)), err
}

func checkLog(vkey, directory string) (string, error) {
	tree, reader, err := openLog(vkey, directory)
	if err != nil {
		return "", err
	}
	for first := int64(0); first < tree.N; first += 1 << height {
		width := tree.N - first
		if width > 1<<height {
			width = 1 << height
		}
		if err := checkBundle(directory, reader, first, int(width)); err != nil {
			return "", err
		}
	}
	if tree.N == 0 { // this module has no hash for the empty tree; RFC 6962 has
		if tree.Hash != sha256.Sum256(nil) {
			return "", errors.New("root differs")
		}
		return "0 entries", nil
	}
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return "", err
	}
	if root != tree.Hash {
		return "", errors.New("root differs")
	}
	return fmt.Sprintf("%d entries", tree.N), nil
}

func checkBundle(directory string, reader tlog.HashReader, first int64, width int) error {
	tile := tlog.Tile{H: height, L: -1, N: first >> height, W: width}
	content, err := os.ReadFile(folder(directory).path(tile))
	if err != nil {
		return err
	}
	indexes := make([]int64, width)
	entries := make([][]byte, width)
	for at := range entries {
		if len(content) < 2 || len(content)-2 < int(binary.BigEndian.Uint16(content)) {
			return fmt.Errorf("bundle cut at entry %d", first+int64(at))
		}
		length := int(binary.BigEndian.Uint16(content))
		entries[at], content = content[2:2+length], content[2+length:]
		indexes[at] = tlog.StoredHashIndex(0, first+int64(at))
	}
	if len(content) != 0 {
		return errors.New("bytes behind the last entry")
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for at, entry := range entries {
		if tlog.RecordHash(entry) != hashes[at] {
			return fmt.Errorf("entry %d does not hash to its leaf", first+int64(at))
		}
	}
	return nil
}

func checkProof(vkey, proofFile, eventFile string) (string, error) {
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return "", err
	}
	event, err := os.ReadFile(eventFile)
	if err != nil {
		return "", err
	}
	head, signed, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("not a proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || "index "+strconv.FormatInt(index, 10) != lines[1] {
		return "", errors.New("index")
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil || base64.StdEncoding.EncodeToString(hash[:]) != line {
			return "", errors.New("a hash")
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint(vkey, signed)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(event)); err != nil {
		return "", err
	}
	return fmt.Sprintf("entry %d of %d", index, tree.N), nil
}

func checkGrown(vkey, oldFile, directory string) (string, error) {
	content, err := os.ReadFile(oldFile)
	if err != nil {
		return "", err
	}
	old, err := openCheckpoint(vkey, content)
	if err != nil {
		return "", err
	}
	tree, reader, err := openLog(vkey, directory)
	if err != nil {
		return "", err
	}
	if old.N < 1 || old.N > tree.N {
		return "", errors.New("the log is shorter than before")
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d continues %d", tree.N, old.N), nil
}
