"""Parts of pictures side by side: colours, mosaics, bars and histograms placed by hand, for speed."""
